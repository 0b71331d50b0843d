//go:build !amd64 && !race

package buffer

func arenaWorks() error {
	_, err := newArenaTrap(arenaSize, arenaPatience, nil)
	return err
}
