package main

// shapes are what every server must answer byte for byte before it is timed:
// a tiny one, one larger than a page, one larger than a read, deep ones. The
// load generator cuts them at random places.
var shapes = []cell{{4, 2, 4}, {64, 4, 8}, {1000, 3, 32}, {16384, 2, 1}, {200000, 1, 2}}

// verified returns the kinds that answer every byte right, and notes the
// others as failures. Each is asked once in a run.
func (b *bench) verified(mode string, kinds []kind) []kind {
	var good []kind
	for _, k := range b.present(kinds) {
		if k.Name == floorAgain || k.Name == onEpollAgain {
			good = append(good, k)
			continue
		}
		once := mode + " " + k.Name
		if !b.checked[once] {
			if err := b.verify(mode, k); err != nil {
				b.report.Fail("%s: wrong answers (%s mode), so it is not timed: %v", k.Name, mode, err)
				continue
			}
			b.checked[once] = true
		}
		good = append(good, k)
	}
	return good
}

// present leaves out optional servers that do not start here, and remembers why.
func (b *bench) present(kinds []kind) []kind {
	var there []kind
	for _, k := range kinds {
		if k.Optional {
			s, err := b.start(k)
			if err != nil {
				b.report.Logf("  missing: %v", err)
				b.absent[k.Name] = err.Error()
				continue
			}
			s.Stop()
		}
		there = append(there, k)
	}
	return there
}

func (b *bench) verify(mode string, k kind) error {
	s, err := b.start(k)
	if err != nil {
		return err
	}
	defer s.Stop()
	all := shapes
	if mode == "frame" {
		all = append([]cell{{0, 2, 4}}, all...) // frames without a payload
	}
	for _, c := range all {
		r, err := b.echo(s, mode, c, 0, 0.1, "-verify")
		if err == nil && r.Msgs == 0 { // a busy machine, or nothing at all
			r, err = b.echo(s, mode, c, 0, 2, "-verify")
		}
		if err != nil {
			return err
		}
		if r.Msgs == 0 {
			return errNothing
		}
	}
	return nil
}
