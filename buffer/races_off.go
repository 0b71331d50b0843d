//go:build !race

package buffer

// What the race detector is told, see races_on.go. Without it these calls are nothing.

func raceWrite([]byte) {}
func raceRead([]byte)  {}
