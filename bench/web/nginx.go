package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What nginx is to do, as text within its server block, and what it does with every answer.
const nginxHello = "default_type text/plain; location / { return 200 'Hello, World!'; }"

func nginxFiles(root string, sendfile, cache bool) string {
	how := "sendfile off;"
	if sendfile {
		how = "sendfile on; tcp_nopush on;"
	}
	if cache {
		how += " open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;"
	}
	return fmt.Sprintf("default_type application/octet-stream; %s root %s;", how, root)
}

// findNginx looks for the program, also where Debian puts it and users do not look.
func (b *bench) findNginx() {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			b.nginx = path
			return
		}
	}
	for _, name := range []string{"nginx", "nginx-cache", "nginx-copy"} {
		b.missing[name] = "there is no nginx (apt-get install nginx-light)"
	}
}

// nginxKind is nginx as one process that does what a server block says.
func (b *bench) nginxKind(name, block string) kind {
	k := kind{Name: name}
	if b.nginx == "" {
		return k
	}
	dir, err := os.MkdirTemp(b.Dir, "nginx-")
	if err == nil {
		k.Port, err = freePort()
	}
	if err == nil {
		k.Argv = []string{b.nginx, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf")}
		err = os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(nginxConfig(dir, k.Port, block)), 0o644)
	}
	if err != nil {
		b.missing[name] = err.Error()
	}
	return k
}

// nginxConfig is that of a foreground process without logs and without an end to a connection.
func nginxConfig(dir, port, block string) string {
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "\t%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	return fmt.Sprintf(`daemon off;
master_process off;
worker_processes 1;
pid %s/pid;
error_log stderr crit;
events {
	worker_connections 8192;
}
http {
%s	access_log off;
	keepalive_timeout 1d;
	keepalive_requests 1000000000;
	server {
		listen 127.0.0.1:%s backlog=4096;
		%s
	}
}
`, dir, temp.String(), port, block)
}

// freePort returns a port that nobody listens on just now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
