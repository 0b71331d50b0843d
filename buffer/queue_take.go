package buffer

// Take moves the first n bytes to the end of another queue, without copying: for those who have lent them to the kernel, and keep
// them in place until it gives them back. It panics unless 0 <= n <= Len.
func (q *Queue) Take(c *Cache, n int, to *Queue) {
	if n < 0 || n > q.size {
		panic("buffer: Take beyond the queue")
	}
	for n > 0 {
		b := q.head
		if n < b.size {
			q.size -= n
			to.Push(c, b.Split(n))
			return
		}
		n -= b.size
		to.Push(c, q.Pop())
	}
}
