package main

import "github.com/ropewalk/ropewalk/bench/internal/web"

// findNginx looks for the program, and notes the rows that are missing without it.
func (b *bench) findNginx() {
	if b.nginx = web.FindNginx(); b.nginx != "" {
		return
	}
	for _, name := range []string{"nginx", "nginx-cache", "nginx-copy"} {
		b.missing[name] = web.NginxMissing
	}
}

// nginxKind is nginx as one process that does what a server block says.
func (b *bench) nginxKind(name, block string) kind {
	if b.nginx == "" {
		return kind{Name: name}
	}
	k, err := web.Nginx(b.nginx, name, b.Dir, block)
	if err != nil {
		b.missing[name] = err.Error()
	}
	return k
}
