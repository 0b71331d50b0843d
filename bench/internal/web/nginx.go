package web

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// NginxHello is what nginx is to do to greet, as text within its server block.
const NginxHello = "default_type text/plain; location / { return 200 'Hello, World!'; }"

// NginxFiles is what nginx is to do to serve files.
func NginxFiles(root string, sendfile, cache bool) string {
	how := "sendfile off;"
	if sendfile {
		how = "sendfile on; tcp_nopush on;"
	}
	if cache {
		how += " open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;"
	}
	return fmt.Sprintf("default_type application/octet-stream; %s root %s;", how, root)
}

// NginxMissing says what to do when there is none.
const NginxMissing = "there is no nginx (apt-get install nginx-light)"

// FindNginx looks for the program, also where Debian puts it and users do not look; "" if there is none.
func FindNginx() string {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Nginx is nginx as one process that does what a server block says, with its files in a new folder in dir.
func Nginx(program, name, dir, block string) (harness.Kind, error) {
	k := harness.Kind{Name: name}
	dir, err := os.MkdirTemp(dir, "nginx-")
	if err != nil {
		return k, err
	}
	if k.Port, err = freePort(); err != nil {
		return k, err
	}
	conf := filepath.Join(dir, "nginx.conf")
	k.Argv = []string{program, "-e", "stderr", "-p", dir, "-c", conf}
	return k, os.WriteFile(conf, []byte(nginxConfig(dir, k.Port, block)), 0o644)
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
