package main

var footprintSizes = []int{64, 512, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10}

// footprint looks at what 1,000 live buffers of a size take, every page written.
func (b *bench) footprint() error {
	held := &table{Title: "footprint: bytes held for each byte asked for, 1,000 live buffers", Columns: []string{""}}
	resident := &table{Title: "footprint: resident bytes for each byte asked for, handles included", Columns: []string{""}}
	cells := map[string][2][]string{}
	var order []string
	for _, size := range footprintSizes {
		held.Columns, resident.Columns = append(held.Columns, bytesName(size)), append(resident.Columns, bytesName(size))
		pattern := func() pattern { return fill(size) }
		err := b.replayAll(pattern, childTask{Pattern: "fill", Size: size}, func(name string, f fragments) {
			b.report.keep("footprint", bytesName(size), name, f)
			c, ok := cells[name]
			if !ok {
				order = append(order, name)
			}
			c[0], c[1] = append(c[0], figure(f.HeldEnd)), append(c[1], figure(f.ResidentEnd))
			cells[name] = c
		})
		if err != nil {
			return err
		}
	}
	for _, name := range order {
		held.Row(append([]string{name}, cells[name][0]...)...)
		resident.Row(append([]string{name}, cells[name][1]...)...)
	}
	b.report.add(held)
	resident.Note("a process grows by some hundred KiB by itself: below 1 KiB that is more than the buffers; a JVM by megabytes")
	b.report.add(resident)
	return nil
}
