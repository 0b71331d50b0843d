package std_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/std"
)

// echo sends back what it gets.
type echo struct{ ch *channel.Channel }

func (e *echo) Open(ch *channel.Channel) error { e.ch = ch; return nil }
func (e *echo) Read(b *buffer.Buf) error       { return e.ch.Write(b) }
func (e *echo) ReadDone() error                { return nil }
func (e *echo) EOF() error                     { return nil }
func (e *echo) Writable() error                { return nil }
func (e *echo) Closed(error)                   {}

// A server for TLS: package tls makes the listener, the engine runs on it. In a program transport.Server does most of this.
func Example() {
	certificate := selfSigned()
	e := std.Engine{Listen: func(ctx context.Context, network, addr string) (net.Listener, error) {
		ln, err := new(net.ListenConfig).Listen(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{certificate}}), nil
	}}
	group, err := e.Start(engine.Config{Loops: 1, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer group.Close()
	ln, err := group.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: 1000,
		Accept: func(*channel.Channel) channel.Sink { return new(echo) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "localhost"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Fprint(c, "over TLS")
	c.CloseWrite()
	reply, err := io.ReadAll(c)
	fmt.Println(string(reply), err)
	fmt.Println("exact pause:", e.Capabilities().ExactPause)
	// Output:
	// over TLS <nil>
	// exact pause: false
}

// selfSigned returns a certificate for localhost.
func selfSigned() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
