// Package bufvet finds breaches of the ownership rules of package buffer before the program runs.
//
//	go get -tool github.com/ropewalk/ropewalk/buffer/bufvet/cmd/bufvet
//	go vet -vettool=$(go tool -n bufvet) ./...
//
// # The rules
//
// A *buffer.Buf is owned: by exactly one owner, who either calls Release once or passes it on. Whoever receives one owns
// it, also when the call fails. A []byte is borrowed: it is valid until the call that lent it is over, or until the handle
// it came from is changed or released. A program that breaks these rules loses memory, or reads and writes what
// belongs to somebody else by then. Tests find that on the paths that they take; this analyzer looks at all paths.
//
// # What is found
//
//   - leak: a handle that on some path to a return is neither released nor passed on. Early returns with an error are the usual
//     place, and passes of a loop, results that are thrown away, a message that a stage does not look after.
//   - double: a second Release, the second being a deferred one perhaps, and a Release of what was passed on.
//   - use: any use of a handle after it was released or passed on.
//   - loan: borrowed bytes that are stored in a field, a map, a slice or a variable of the package, sent on a channel, or given
//     to a function that runs later; and those that are used after their handle was released or passed on, or the reader
//     closed. Bytes that were copied (string(p), append([]byte(nil), p...), bytes.Clone) are nobody's business.
//   - borrow: a handle that a function has only borrowed, and releases or passes on.
//   - directive: directives that make no sense, or have no use.
//
// Paths that end in a panic, os.Exit, log.Fatal, t.Fatal or a function that always does one of these owe nothing. A
// handle that came with an error, or with false, is nil when the error is not, and owes nothing then; nor does one that was
// compared with nil. A test that has failed (t.Error) may leave behind what it likes.
//
// # Who owns
//
// A handle is passed on by being an argument for a parameter that is owned, by being sent on a channel or returned, or by
// a function literal that is given to a go statement, channel.Remote.Do, time.AfterFunc or the like and settles it. One that is stored
// (in a field, a list, a map, by another function literal) is left alone from then on: somebody else may release it.
// A struct that is passed by value, as messages mostly are, is looked into: its handles go where it goes.
//
// What a function does with its parameters is found out in this order:
//
//  1. The functions of package buffer are in a table. Append, Gather, Queue.Push and Queue.Mapped consume, all others borrow.
//  2. A directive, above the function or above the method of an interface that it implements, says that a parameter is
//     borrowed.
//  3. A function that releases its parameter on some path, or passes it on, owns it, and has to do so on all.
//  4. A function that others may call by the model owns its *Buf in any case: exported ones (but for those of package
//     main and of tests), methods Read and Write of one message with an error, which are stages and sinks, and functions
//     that are handed to another package, such as handlers for pipeline.Serve, or put into a field whose functions own what they
//     are called with.
//  5. Any other function borrows what it neither releases nor stores. So helpers need no directives, nor do functions
//     with type parameters.
//
// Methods of interfaces own what the directives do not exclude. Of functions in variables nothing is known: what they get is
// left alone. What a function returns is owned, unless it leaves it in a field, or in another place where it found it. All of this
// travels from package to package as facts.
//
// # Directives
//
// A function that only borrows a *Buf, and that others call, says so in its comment. So does a method of an interface, for all that
// implement it:
//
//	// Encode appends m to dst.
//	//
//	//bufvet:borrow dst
//	Encode(dst *buffer.Buf, m T) error
//
// A method of an interface that returns a handle which it keeps has
//
//	//bufvet:lend
//
// and where the analyzer is wrong, or the mistake is meant, one says why:
//
//	//bufvet:ignore the second Release is what is tested
//
// at the end of the line or above it, in the comment of a function for the whole of it, or in front of the package
// clause for the file. One that has nothing to ignore is reported.
//
// # What is not found
//
// Where it cannot know, the analyzer says nothing. It does not follow
//
//   - handles in slices, maps, and fields behind pointers, but for one that is read from a field which the function then makes
//     hold something else: that one was taken out, and is owed;
//   - the handle in a message, unless the function uses it on that path (a message may come without one) and settles it on
//     another one;
//   - handles that functions in variables, or function literals that may run at any time, were given;
//   - results that a test, or a kit for tests, throws away in a statement: it means the call to fail;
//   - what a decoder took from its reader and does not return, as the driver takes that back when the decoder fails;
//   - slices that are used after their handle was changed, and not released;
//   - lists of pieces (Vectors, NetBuffers) that are kept: those who write them use one again and again;
//   - functions with more than some thousand combinations of paths and states.
//
// A condition that is tested twice in the same words is taken to have the same outcome, unless it was assigned to in between. That keeps
// paths apart that do not exist, and may hide one that does.
//
// # How
//
// Each function is followed in SSA form along all its paths. A state is what is known on one path: which register or variable
// holds which handle, what became of each, which errors are nil, how conditions came out. States that agree in all that still
// matters are followed once. Function literals come before the functions that they are in, and what they do
// with variables of these is applied where they run. Functions of a package are looked at again when more is known about those
// that they call. Packages that do not import package buffer, perhaps through others, are not looked at.
package bufvet
