// Package buffertest helps to test code that uses package buffer: it finds leaks, and holds allocators to the behaviour
// that the rest of ropewalk relies on.
//
// A test that uses buffers takes its pool from [Pool], or names the pools that it uses to [NoLeaks]. Whoever writes an
// allocator runs [TestAllocator] over it.
package buffertest
