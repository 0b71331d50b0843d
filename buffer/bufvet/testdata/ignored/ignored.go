// Package ignored knows better.
package ignored

import "github.com/ropewalk/ropewalk/buffer"

func atTheEnd(b *buffer.Buf) {
	b.Release()
	b.Release() //bufvet:ignore to see whether it panics
}

func above(b *buffer.Buf) {
	b.Release()
	//bufvet:ignore to see whether it panics
	b.Release()
}

// whole does everything wrong.
//
//bufvet:ignore it is an example of what is wrong
func whole(b *buffer.Buf) {
	b.Release()
	b.PutUint8(1)
	b.Release()
}

func without(b *buffer.Buf) {
	b.Release()
	//bufvet:ignore
	// want -1 `a //bufvet:ignore directive needs a reason`
	b.Release() // want `released a second time`
}

func unused(b *buffer.Buf) {
	//bufvet:ignore there is nothing
	// want -1 `nothing is found here: the //bufvet:ignore directive has no use`
	b.Release()
}
