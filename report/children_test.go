package report_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/report"
)

// saveAsChild is the test binary as another process. It saves triggers number from to to, and prints
// the folder of each.
func saveAsChild(root string, args []string) error {
	store, err := report.OpenStore(root)
	if err != nil {
		return err
	}
	from, _ := strconv.Atoi(args[0])
	to, _ := strconv.Atoi(args[1])
	for n := from; n < to; n++ {
		dir, err := store.Save(triggerFrom(gradient(64, 64, 3, n), n), sampleContext)
		if err != nil {
			return err
		}
		fmt.Println(dir)
	}
	return nil
}

func child(t *testing.T, root string, from, to int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], strconv.Itoa(from), strconv.Itoa(to))
	cmd.Env = append(os.Environ(), childVariable+"="+root)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestKilledWhileSaving(t *testing.T) {
	store := openStore(t)
	rng := rand.New(rand.NewPCG(1, 1))
	// The gradients repeat after 256 numbers, so each round begins with triggers of its own; the
	// later ones are often there already.
	var saved []string
	for range 20 {
		cmd := child(t, store.Root(), rng.IntN(256), 1<<30)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(out)
		first, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("the child saved nothing: %v", err)
		}
		time.Sleep(time.Duration(rng.IntN(50_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(r)
		_ = cmd.Wait()
		lines := strings.Split(first+string(rest), "\n")
		saved = append(saved, lines[:len(lines)-1]...) // the last one is empty or cut off
		if t.Failed() {
			return
		}
	}
	loaded, err := store.List("lenet5-int8")
	if err != nil {
		t.Errorf("a folder is not whole: %v", err)
	}
	for _, dir := range saved {
		if _, err := report.LoadTrigger(dir); err != nil {
			t.Errorf("a trigger whose saving was confirmed: %v", err)
		}
	}
	leftovers := 0
	for _, name := range names(t, store.PairDir("lenet5-int8")) {
		if strings.HasPrefix(name, report.TempPrefix) {
			leftovers++
		}
	}
	t.Logf("%d triggers in the store, %d kills left something incomplete", len(loaded), leftovers)
}

func TestTwoProcessesSaveTheSameTriggers(t *testing.T) {
	store := openStore(t)
	const triggers = 60
	a, b := child(t, store.Root(), 0, triggers), child(t, store.Root(), 0, triggers)
	for _, cmd := range []*exec.Cmd{a, b} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range []*exec.Cmd{a, b} {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a process failed: %v", err)
		}
	}
	if saved, err := store.List("lenet5-int8"); err != nil || len(saved) != triggers {
		t.Errorf("listed %d, %v; expected %d", len(saved), err, triggers)
	}
	if all := names(t, store.PairDir("lenet5-int8")); len(all) != triggers {
		t.Errorf("found %d folders, expected %d and nothing temporary", len(all), triggers)
	}
}
