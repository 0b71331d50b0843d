package main

import (
	"fmt"
	"slices"
)

// copies writes how often the sender's CPU copies each byte: what follows from the code and the manual pages, and after a plus
// what notices of the kernel told.
func (l *lab) copies(row string) string {
	w := wayOfRow(row)
	book := fmt.Sprint(w.toUser + w.inUser + w.fromUser)
	if sent, copied := counted(l.notices[row]); w.notices && sent > 0 && w.fromUser == 0 {
		return book + "+" + figure(copied/sent)
	}
	return book
}

// counted reads the last line of a sender.
func counted(said string) (sent, copied float64) {
	fmt.Sscanf(said, "notices %f copied %f", &sent, &copied)
	return sent, copied
}

// hashTable lists what was compared.
func (l *lab) hashTable(kinds []kind) {
	t := &table{Title: "Bytes compared, untimed", Columns: []string{"file", "XXH64 of what was written, and of what arrived by each way"}}
	for _, s := range l.sizes {
		t.Row(s.name, l.hashes[s.name])
	}
	t.Note("%d of %d ways work here and sent every byte right", len(kinds), len(l.selected()))
	l.report.Add(t)
}

// noticeTable lists what the kernel told about sends without a copy.
func (l *lab) noticeTable() {
	t := &table{Title: "Notices that memory may be used again (MSG_ZEROCOPY, send_zc)",
		Columns: []string{"way", "notices", "copied all the same", "share"}}
	for _, w := range l.selected() {
		if sent, copied := counted(l.notices[w.row]); w.notices && sent > 0 {
			t.Row(w.row, fmt.Sprintf("%.0f", sent), fmt.Sprintf("%.0f", copied), fmt.Sprintf("%.1f %%", 100*copied/sent))
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	t.Note("copied: SO_EE_CODE_ZEROCOPY_COPIED, IORING_NOTIF_USAGE_ZC_COPIED. On loopback the receiver would get our very pages, " +
		"so the kernel copies them first: what these ways save on a card cannot be seen here, only what they cost besides")
	if slices.ContainsFunc(l.selected(), func(w way) bool { return w.ours && w.notices }) {
		t.Note("ropewalk asks for no more of it on a connection when most of the first 64 sends were copied")
	}
	l.report.Add(t)
}
