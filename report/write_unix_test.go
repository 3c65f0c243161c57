//go:build unix

package report_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/triggerfinder/triggerfinder/report"
)

// TestWhatIsNoRegularFileStays writes to a pipe as the command may write to /dev/null or /dev/stdout.
func TestWhatIsNoRegularFileStays(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // waits for no writer
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := report.WriteFile(pipe, []byte("text")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(pipe)
	if err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Fatalf("found %v, %v, expected the pipe", info.Mode(), err)
	}
	data := make([]byte, 4)
	if _, err := reader.Read(data); err != nil || string(data) != "text" {
		t.Errorf("found %q, %v", data, err)
	}
}
