// Package codec turns a stream of bytes into messages and messages into bytes.
//
//	  *Buf, cut anywhere                                    messages, whole
//	───────────────────► driver ── Reader ──► Decoder ──► Fire ──►
//	                       │ rest
//	◄─────────────────── Encoder or Framer ◄──────────── Write ◄──
//
// A [Decoder] reads one message from a buffer.Reader as if all of it were there. If it is not, the reader fails with
// buffer.ErrShort; the driver then goes back to where the message began and keeps what there is. It calls the
// decoder again when as many bytes have come as the failed read wanted, not before, so a frame that arrives byte by
// byte is not parsed once a byte.
//
// A decoder keeps nothing from an attempt that failed. What it took from the reader is given back for it. Anything
// else that it returns as an error closes the channel. When the stream ends inside a message, the cause is
// io.ErrUnexpectedEOF.
//
// [Stage] makes a stage of a decoder and an encoder, [Frames] one of a framing format: [LengthField], [Line],
// [Delimiter], [Fixed], [Varint]. Every format has a maximum; none has an unlimited default. [Text] makes strings of
// frames. Package codectest tests decoders and formats, also those of others, by cutting their input in every way.
//
// A stage of this package reads a stream, also when it stands behind another one: a Decoder behind Frames would read on
// across the end of a frame that is too short. A stage that looks into frames does so with buffer.NewReader.
//
// # Memory
//
// Messages are views of what was read: nothing is copied between the read from the socket and the write to it. A
// rest that waits for more is copied when it is small (up to 8 KiB) and would keep a larger block in place.
//
// # Threads
//
// Decoders and encoders run on the channel's loop. One value may serve many channels if it keeps no state.
package codec
