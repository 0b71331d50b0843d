// Package codectest tests decoders, encoders and framing formats the way a network treats them.
//
//	your Decoder ──► driver of package codec ──► channel ◄── bytes, cut in every way
//
// TCP keeps bytes in order and nothing else: a message may arrive in one read, with thirty others, or in as many
// reads as it has bytes. A decoder that was only tried with whole messages works on the developer's machine.
// [Verify] is given inputs and the messages that they hold, and feeds each input
//
//   - whole, and many times over in one read;
//   - byte by byte, where every message must come with its last byte, neither later nor never, and the decoder
//     must not be called before the bytes are there that it asked for;
//   - in two parts, cut at every byte; in many parts, cut at random (always the same random);
//   - as one composite buffer of pieces of 1, 2, 3 and 7 bytes;
//   - with reading paused after every message;
//   - cut off by the end of the stream after every byte: inside a message that must be io.ErrUnexpectedEOF, between two
//     messages a normal end.
//
// All input lies between poisoned bytes, so a decoder that looks outside of what it was given gets different
// messages. All buffers must be released at the end. [VerifyRejects] does the same with input that must be refused,
// and by when. [VerifyFramer] and [VerifyEncoder] go the other way first: what was written must be read as the same
// messages. [Compare] is the body of a fuzz target: it holds a decoder against a simple function over a string.
//
// How messages are made, shown and released is said once, in a [Subject].
//
// # Limits
//
// Inputs of up to 1 KiB are cut at every byte, longer ones at about 1,024 places. A case takes 3 ms for 100 bytes and 50 ms
// for 1,000.
package codectest
