package engines

import (
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/uring"
)

func init() {
	known["epoll"] = epoll.Engine{}
	known["uring"] = uring.Engine{}
}
