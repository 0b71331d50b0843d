package transporttest

func coldFile(w *world) {
	data := pattern(12<<20, 5)
	path := w.file(data)
	forget(w, path)
	ping := w.bystanders()
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			if err := s.ch.Write(s.text("header")); err != nil {
				return err
			}
			if err := s.sendFile(path); err != nil {
				return err
			}
			return s.ch.Write(s.text("trailer"))
		}
		return s
	}).connect()
	p.wantText("header")
	for len(data) > 0 {
		n := min(len(data), 1<<20)
		p.want(data[:n])
		data = data[n:]
		ping()
	}
	p.wantText("trailer")
}
