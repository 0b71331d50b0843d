//bufvet:ignore all of this file is wrong

package ignored

import "github.com/ropewalk/ropewalk/buffer"

func wrong(b *buffer.Buf) {
	b.Release()
	b.Release()
}
