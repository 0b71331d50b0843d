package echo_test

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
)

func ExampleParse() {
	shape, err := echo.Parse("16384/64/32")
	fmt.Println(shape.Title(), err)
	_, err = echo.Parse("16384/64")
	fmt.Println(err)
	// Output:
	// 16 KiB, 64 connections, depth 32 <nil>
	// "16384/64" is not a cell: it should be payload/connections/depth, as 64/64/1
}
