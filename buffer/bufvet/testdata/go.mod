module example.org/use

go 1.26.0

require github.com/ropewalk/ropewalk v0.0.0

require (
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/ropewalk/ropewalk => ../../..
