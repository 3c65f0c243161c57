//go:build unix

package process_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// pids are those that a server noted down.
func pids(t *testing.T, folder, name string) (all []int) {
	t.Helper()
	for _, line := range notes(folder, name) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pid)
	}
	return all
}

// kill kills the server that was started last.
func kill(t *testing.T, folder string) {
	t.Helper()
	all := pids(t, folder, "pid")
	if err := syscall.Kill(all[len(all)-1], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// runs reports whether a process runs: one that has ended, and that nobody has asked about, does not.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}

// gone waits until none of the processes runs.
func gone(t *testing.T, folder, name string) {
	t.Helper()
	for _, pid := range pids(t, folder, name) {
		for deadline := time.Now().Add(20 * time.Second); runs(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				t.Errorf("process %d (%s) runs still", pid, name)
			}
		}
	}
}

// TestCloseEndsAll: also what does not end by itself, and what it has started.
func TestCloseEndsAll(t *testing.T) {
	for _, act := range []string{"serves", "stays", "child"} {
		m, folder := open(t, act)
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		gone(t, folder, "pid")
		gone(t, folder, "child")
	}
}

// TestCrashEndsAll: what a program that crashed has started ends with it, and does not hold up the answer.
func TestCrashEndsAll(t *testing.T) {
	m, folder := open(t, "child")
	child := pids(t, folder, "child")[0]
	kill(t, folder)
	if _, err := m.Predict(t.Context(), images(1)); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(20 * time.Second); runs(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what it has started runs still")
		}
	}
}

// holder is the test as a process of its own, which is killed.
const holder = "TRIGGERFINDER_PROCESS_HOLDER"

// TestHolder opens a model, and waits.
func TestHolder(t *testing.T) {
	if os.Getenv(holder) == "" {
		t.Skip("is run by TestNoOrphans")
	}
	act, folder, _ := strings.Cut(os.Getenv(holder), " ")
	m, err := process.Open([]string{os.Args[0], folder}, process.Env(actAs+"="+act), process.Copies(2))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	note(folder, "open", "yes")
	for {
		if _, err := m.Predict(t.Context(), images(4)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoOrphans: programs end when the test is killed, on Linux also those that do not look at their standard input.
func TestNoOrphans(t *testing.T) {
	acts := []string{"serves"}
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		acts = append(acts, "stays", "slow:30")
	}
	for _, act := range acts {
		folder := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run", "^TestHolder$")
		cmd.Env = append(os.Environ(), holder+"="+act+" "+folder)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); count(folder, "open") == 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the test did not open its model")
			}
		}
		if n := len(pids(t, folder, "pid")); n != 2 {
			t.Errorf("expected 2 copies, found %d", n)
		}
		time.Sleep(50 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		gone(t, folder, "pid")
	}
}
