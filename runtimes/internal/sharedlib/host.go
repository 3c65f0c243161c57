package sharedlib

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// host is the machine as this package sees it. Tests replace its fields.
type host struct {
	Product
	goos, goarch string
	musl         bool // the C library is musl, which the official Linux builds do not support
	getenv       func(string) string
	userCacheDir func() (string, error)
	libraryDirs  []string                          // the usual folders of shared libraries
	ldconfig     func(ctx context.Context) string  // what the dynamic linker's cache holds
	lookPath     func(file string) (string, error) // finds an executable
	run          func(ctx context.Context, dir string, env []string, argv ...string) (string, error)
	client       *http.Client
	stall        time.Duration // how long a download may bring nothing
	releaseBase  string        // where the files of releases are
}

func newHost(p Product) *host {
	return &host{
		Product: p,
		goos:    runtime.GOOS, goarch: runtime.GOARCH,
		musl:         usesMusl(),
		getenv:       os.Getenv,
		userCacheDir: os.UserCacheDir,
		libraryDirs:  append(usualLibraryDirs(runtime.GOOS, runtime.GOARCH), p.SystemFolders...),
		ldconfig:     linkerCache,
		lookPath:     exec.LookPath,
		run:          runCommand,
		client:       newClient(5*time.Second, 15*time.Second),
		stall:        30 * time.Second,
		releaseBase:  p.ReleasePage + "/download",
	}
}

func (h *host) platform() string { return h.goos + "/" + h.goarch }

// newClient makes an HTTP client that gives up early on a host that cannot be reached or does not answer,
// and lets a download take its time.
func newClient(connect, answer time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connect}).DialContext
	transport.TLSHandshakeTimeout = connect
	transport.ResponseHeaderTimeout = answer
	return &http.Client{Transport: transport}
}

// runCommand runs a command and returns what it wrote, both streams together.
func runCommand(ctx context.Context, dir string, env []string, argv ...string) (string, error) {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir = dir
	command.Env = append(os.Environ(), env...)
	command.WaitDelay = 2 * time.Second
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return output.String(), err
}

// commandError says how a command failed, with the end of what it wrote.
func commandError(err error, output string) error {
	const most = 400
	output = strings.Join(strings.FieldsFunc(output, func(c rune) bool { return c == '\n' || c == '\r' }), " | ")
	if len(output) > most {
		output = "..." + output[len(output)-most:]
	}
	if output == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, output)
}

func usesMusl() bool {
	if runtime.GOOS != "linux" {
		return false
	}
	musl, _ := filepath.Glob("/lib/ld-musl-*.so.1")
	for _, pattern := range []string{"/lib*/ld-linux*.so.*", "/lib/*/ld-linux*.so.*", "/usr/lib*/ld-linux*.so.*"} {
		if glibc, _ := filepath.Glob(pattern); len(glibc) > 0 {
			return false
		}
	}
	return len(musl) > 0
}
