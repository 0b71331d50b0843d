module github.com/ropewalk/ropewalk/examples/web/browsertest

go 1.26
