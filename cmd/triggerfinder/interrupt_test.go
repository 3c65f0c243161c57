package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Exit codes, and streams that are no terminal, of a real process.
func TestProcess(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
	}{
		{pairOf("twin.onnx", "--seeds", "@images", "--budget", "20", "--n", "2"), 0},
		{pairOf("lenet5-student.onnx", "--seeds", "@images", "--budget", "200", "--n", "2"), 1},
		{pairOf("lenet5.onnx", "--seeds", "@images", "--budget", "20", "--n", "2"), 2},
	} {
		var stderr bytes.Buffer
		c := running(t, test.args...)
		c.Stderr = &stderr
		out, err := c.Output()
		if code := exitCode(t, err); code != test.code {
			t.Errorf("%q: expected exit code %d, found %d:\n%s%s", test.args, test.code, code, out, &stderr)
		}
		if strings.Contains(stderr.String(), "\r") {
			t.Errorf("a bar where there is no terminal: %q", &stderr)
		}
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return 0
}

// An interrupted search keeps what it found and says that it is partial.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal for one process")
	}
	for _, test := range []struct {
		name, compressed string
		code             int
	}{{"with triggers", "lenet5-student.onnx", 1}, {"without", "twin.onnx", 2}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they mostly wait
			dir := t.TempDir()
			// Within so tight a bound, some seeds have a trigger and others none. Closing is off, so that
			// those that have are done at once.
			c := running(t, pairOf(test.compressed, "--seeds", "@seeds.npy", "--strategy", "triggerfinder", "--within", "linf=32",
				"--budget", "100000000", "--out", filepath.Join(dir, "triggers"), "--json", filepath.Join(dir, "r.json"))...)
			var stdout bytes.Buffer
			c.Stdout = &stdout
			stderr, err := c.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			// A plain line of progress tells that the search is under way.
			lines := bufio.NewScanner(stderr)
			if !lines.Scan() || !strings.Contains(lines.Text(), "of 24 seeds done") {
				t.Errorf("expected a line of progress, found %q", lines.Text())
			}
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			interrupted := time.Now()
			var rest []string
			for lines.Scan() {
				rest = append(rest, lines.Text())
			}
			code := exitCode(t, c.Wait())
			if code != test.code {
				t.Fatalf("expected exit code %d, found %d:\n%s\n%q", test.code, code, &stdout, rest)
			}
			if took := time.Since(interrupted); took > 20*time.Second {
				t.Errorf("it took %s to stop", took)
			}
			fields := readJSON(t, filepath.Join(dir, "r.json"))
			if fields["partial"] != true || fields["status"] != "cancelled" {
				t.Errorf("found %v, %v", fields["partial"], fields["status"])
			}
			saved := triggersIn(t, filepath.Join(dir, "triggers"))
			if test.code == exitError {
				if text := strings.Join(rest, "\n"); !strings.Contains(text, "cancelled after") || len(saved) > 0 {
					t.Errorf("found %q and %q", text, saved)
				}
				return
			}
			if !strings.Contains(stdout.String(), "The result is partial: the search was interrupted.") ||
				!strings.Contains(stdout.String(), "the search ended early: cancelled") {
				t.Errorf("expected to be told that it is partial, found:\n%s", &stdout)
			}
			if float64(len(saved)) != min(20, fields["found"].(float64)) || len(saved) == 0 {
				t.Errorf("expected the triggers of %v seeds, found %d", fields["found"], len(saved))
			}
			command(t, "replay", saved[0]).want(t, 1, "still deviates")
		})
	}
}
