package codec_test

import (
	"encoding/binary"

	"github.com/ropewalk/ropewalk/codec"
)

// Two bytes of length in front of the body, cut off:
//
//	│ 0x0005 │ hello │  ──►  │ hello │
func ExampleLengthField() {
	show(codec.LengthField{Width: 2}.Framer(), "\x00\x05hello")
	// Output: "hello" -> "\x00\x05hello"
}

// The length counts itself too:
//
//	│ 0x0004 │ hi │  ──►  │ hi │
func ExampleLengthField_wholeFrame() {
	show(codec.LengthField{Width: 2, Adjust: -2}.Framer(), "\x00\x04hi")
	// Output: "hi" -> "\x00\x04hi"
}

// Nothing is cut off. When the message is written the length in it is set:
//
//	│ 0x0005 │ hello │  ──►  │ 0x0005 │ hello │
func ExampleLengthField_keep() {
	show(codec.LengthField{Width: 2, Strip: -1}.Framer(), "\x00\x05hello")
	// Output: "\x00\x05hello" -> "\x00\x05hello"
}

// A type in front of the length is part of the message:
//
//	│ type │ 0x000005 │ hello │  ──►  │ type │ 0x000005 │ hello │
func ExampleLengthField_headerInFront() {
	f := codec.LengthField{Offset: 1, Width: 3, Strip: -1, Order: binary.LittleEndian}
	show(f.Framer(), "T\x05\x00\x00hello")
	// Output: "T\x05\x00\x00hello" -> "T\x05\x00\x00hello"
}

// Two bytes of flags behind the length, which does not count them, belong to the message:
//
//	│ 0x0005 │ flags │ hello │  ──►  │ flags │ hello │
func ExampleLengthField_headerBehind() {
	show(codec.LengthField{Width: 2, Adjust: 2}.Framer(), "\x00\x05FFhello")
	// Output: "FFhello" -> "\x00\x05FFhello"
}
