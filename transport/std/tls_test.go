package std

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/transport/transporttest"
)

// certificate returns a configuration for both sides of a connection to localhost.
var certificate = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		RootCAs:      roots, ServerName: "localhost",
		DynamicRecordSizingDisabled: true, // a burst is to arrive in one piece
		SessionTicketsDisabled:      true, // nothing is to be under way that no case has sent
	}
})

// overTLS is the engine with TLS on both ways.
func overTLS() Engine {
	return Engine{
		Listen: func(ctx context.Context, network, addr string) (net.Listener, error) {
			ln, err := new(net.ListenConfig).Listen(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return tls.NewListener(ln, certificate()), nil
		},
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if network == "udp" {
				return nil, net.UnknownNetworkError(network)
			}
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return tls.Client(c, certificate()), nil
		},
	}
}

// peerTLS is the other side of a connection.
type peerTLS struct {
	*tls.Conn
	abort bool
}

// handshake makes the other side of a connection, and waits until it is of use: there its cases begin. Some are about
// connections that nobody accepts: those go on, and whoever reads or writes waits for the rest.
func handshake(c *tls.Conn) net.Conn {
	done := make(chan struct{})
	go func() {
		c.Handshake() // if it fails, so does what follows
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(500 * time.Millisecond):
	}
	return &peerTLS{Conn: c}
}

func (c *peerTLS) SetLinger(sec int) error {
	c.abort = sec == 0
	return c.NetConn().(*net.TCPConn).SetLinger(sec)
}

// Close says no farewell when there is to be a reset.
func (c *peerTLS) Close() error {
	if c.abort {
		return c.NetConn().Close()
	}
	return c.Conn.Close()
}

// peerListener makes such sides of what an engine dials.
type peerListener struct{ net.Listener }

func (ln peerListener) Accept() (net.Conn, error) {
	c, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return handshake(tls.Server(c, certificate())), nil
}

// SyscallConn lets a case shorten the queue of the listener.
func (ln peerListener) SyscallConn() (syscall.RawConn, error) {
	return ln.Listener.(syscall.Conn).SyscallConn()
}

// TestSuiteTLS holds the engine to the suite with TLS on all connections.
func TestSuiteTLS(t *testing.T) {
	transporttest.Suite{
		Engine: overTLS(), Loops: 2,
		Without: []string{
			"MaxConns", "NoDescriptors", "DrainAnswers", "ListenerClosePanics", // peers that are not accepted cannot send: they wait for the handshake
			"LingerNone", // the peer may get a reset in place of the end: the connection is closed amid the handshake
		},
		Dial: func(network, addr string) (net.Conn, error) {
			c, err := net.Dial(network, addr)
			if err != nil {
				return nil, err
			}
			return handshake(tls.Client(c, certificate())), nil
		},
		Listen: func(network, addr string) (net.Listener, error) {
			ln, err := net.Listen(network, addr)
			return peerListener{ln}, err
		},
	}.Run(t)
}
