package sharedlib

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestArchiveProblems(t *testing.T) {
	good := archiveBytes(t)
	other := bytes.Clone(good)
	other[len(other)/2] ^= 1
	full := fmt.Sprint(len(good))
	hang := func(w http.ResponseWriter, request *http.Request) {
		w.(http.Flusher).Flush()
		<-request.Context().Done()
	}
	for _, test := range []struct {
		reason  string
		handler http.HandlerFunc
		want    []string
	}{
		{"no such file", http.NotFound, []string{"expected status 200, found 404"}},
		{"a page of a proxy", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>please log in</html>")
		}, []string{"expected " + full + " bytes, found 26 (text/html)"}},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", full)
			_, _ = w.Write(good[:len(good)/2])
		}, []string{"unexpected EOF", fmt.Sprintf("after %d of %s bytes", len(good)/2, full)}},
		{"cut off, of unknown length", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(good[:100])
		}, []string{"expected " + full + " bytes, found 100"}},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(append(bytes.Clone(good), "more"...))
		}, []string{"expected " + full + " bytes, found more than " + full}},
		{"stops coming", func(w http.ResponseWriter, request *http.Request) {
			w.Header().Set("Content-Length", full)
			_, _ = w.Write(good[:100])
			hang(w, request)
		}, []string{"nothing came for 500ms"}},
		{"never answers", func(_ http.ResponseWriter, request *http.Request) {
			select {
			case <-request.Context().Done():
			case <-time.After(10 * time.Second):
			}
		}, []string{"timeout awaiting response headers"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			m.serve(test.handler)
			start := time.Now()
			_, err := m.resolve(Options{})
			var unavailable *UnavailableError
			if !errors.As(err, &unavailable) {
				t.Fatalf("got %v, expected an *UnavailableError", err)
			}
			contains(t, err.Error(), append(test.want, "release archive "+archiveFile, "/v1.30.0/"+archiveFile)...)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("given up after %v only", took)
			}
			if left := m.inCache(); left != nil {
				t.Errorf("left behind: %q", left)
			}
			m.stubPip("pip", wheelFile, wheelBytes(t)) // and the next source helps out
			library, err := m.resolve(Options{})
			m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
		})
	}
}

// TestMismatchIsAnError: what came whole and is not the pinned file ends the search for one, wherever it
// came from, and nothing of it stays.
func TestMismatchIsAnError(t *testing.T) {
	flip := func(content []byte) []byte {
		content = bytes.Clone(content)
		content[len(content)/2] ^= 1
		return content
	}
	for _, test := range []struct {
		reason          string
		prepare         func(t *testing.T, m *machine)
		file            string
		expected, found []byte
	}{
		{"archive", func(t *testing.T, m *machine) { m.serveBytes(flip(archiveBytes(t))) },
			archiveFile, archiveBytes(t), flip(archiveBytes(t))},
		{"wheel", func(t *testing.T, m *machine) { m.stubPip("pip3", wheelFile, flip(wheelBytes(t))) },
			wheelFile, wheelBytes(t), flip(wheelBytes(t))},
		{"npm package", func(t *testing.T, m *machine) { m.stubNpm(npmFile, flip(npmBytes(t))) },
			npmFile, npmBytes(t), flip(npmBytes(t))},
		{"library in the archive", func(t *testing.T, m *machine) {
			m.serveBytes(archiveBytes(t))
			m.Pins[0].LibrarySum = sumOf([]byte("another library"))
		}, archiveMember + " in " + archiveFile, []byte("another library"), archiveLibrary()},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			test.prepare(t, m)
			if test.reason != "npm package" {
				m.stubNpm(npmFile, npmBytes(t)) // a source that must not be asked any more
			}
			library, err := m.resolve(Options{})
			var mismatch *ChecksumError
			if !errors.As(err, &mismatch) {
				t.Fatalf("got %+v, %v, expected a *ChecksumError", library, err)
			}
			if want := (ChecksumError{test.file, sumOf(test.expected), sumOf(test.found)}); *mismatch != want {
				t.Errorf("got %+v, expected %+v", *mismatch, want)
			}
			contains(t, err.Error(), test.file, sumOf(test.expected), sumOf(test.found), "nothing was installed")
			if left := m.inCache(); left != nil {
				t.Errorf("left behind: %q", left)
			}
			if n := len(m.called()); test.reason == "archive" && n != 0 {
				t.Errorf("commands ran: %q", m.called())
			}
		})
	}
}

// TestBadArchives: archives that are what is pinned, but of no use.
func TestBadArchives(t *testing.T) {
	library := string(archiveLibrary())
	whole := archiveBytes(t)
	for _, test := range []struct {
		reason  string
		content []byte
		want    string
	}{
		{"truncated", whole[:len(whole)/2], "unexpected EOF"},
		{"not an archive", []byte("no archive at all"), "gzip: invalid header"},
		{"without the library", tgz(t, entry{name: "onnxruntime-linux-x64-1.30.0/LICENSE", content: "MIT"}), "expected the file " + archiveMember},
		{"the library is a link", tgz(t, entry{name: archiveMember, content: "/etc/passwd", link: true}), "expected the file " + archiveMember},
		{"the library is outside", tgz(t, entry{name: "../" + archiveMember, content: library},
			entry{name: "/" + archiveMember, content: library}, entry{name: "x/../" + archiveMember, content: library}), "expected the file " + archiveMember},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			m.Pins = []Pin{pinOf(OriginArchive, "1.30.0", archiveFile, archiveMember, test.content, archiveLibrary())}
			m.serveBytes(test.content)
			_, err := m.resolve(Options{})
			if err == nil {
				t.Fatal("expected an error")
			}
			contains(t, err.Error(), test.want, archiveFile)
			if left := m.inCache(); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// TestTraversalIsIgnored: entries that point out of the archive, next to the library that is wanted.
func TestTraversalIsIgnored(t *testing.T) {
	evil := []entry{{name: "../../evil", content: "evil"}, {name: "/tmp/ortlib-evil", content: "evil"},
		{name: "../../../onnxruntime/evil", content: "evil"}}
	for _, test := range []struct {
		file, member string
		content      []byte
	}{
		{archiveFile, archiveMember, tgz(t, append(slices.Clone(evil), entry{name: archiveMember, content: string(archiveLibrary())})...)},
		{"onnxruntime-linux-x64-1.30.0.zip", archiveMember, zipped(t, append(slices.Clone(evil), entry{name: archiveMember, content: string(archiveLibrary())})...)},
	} {
		t.Run(filepath.Ext(test.file), func(t *testing.T) {
			m := newMachine(t)
			m.Pins = []Pin{pinOf(OriginArchive, "1.30.0", test.file, test.member, test.content, archiveLibrary())}
			m.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(test.content) })
			library, err := m.resolve(Options{})
			m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
			_ = filepath.WalkDir(m.dir, func(path string, entry os.DirEntry, _ error) error {
				if strings.Contains(entry.Name(), "evil") {
					t.Errorf("extracted %s", path)
				}
				return nil
			})
			if _, err := os.Stat("/tmp/ortlib-evil"); err == nil {
				t.Error("extracted /tmp/ortlib-evil")
			}
			if got := m.inCache(); !slices.Equal(got, []string{"1.30.0-linux-amd64/libonnxruntime.so.1.30.0"}) {
				t.Errorf("in the cache: %q", got)
			}
		})
	}
}

func TestPipCommand(t *testing.T) {
	m := newMachine(t)
	m.stub("python3", "echo 'No module named pip' >&2; exit 1")
	m.stubPip("pip3", wheelFile, wheelBytes(t))
	m.stubPip("pip", wheelFile, nil) // not reached
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
	calls := m.called()
	if len(calls) != 2 || !strings.HasPrefix(calls[0], "python3 -m pip download ") || !strings.HasPrefix(calls[1], "pip3 download ") {
		t.Fatalf("got calls %q, expected python3 -m pip, then pip3", calls)
	}
	contains(t, calls[1], "--python-version 3.13 ", "--implementation cp ", "--abi cp313 ", "--platform manylinux_2_28_x86_64 ",
		"--only-binary=:all: ", "--no-deps ", " onnxruntime==1.32.0")
}

// TestPipNetwork: what one pip cannot reach the next cannot either; it is not asked.
func TestPipNetwork(t *testing.T) {
	m := newMachine(t)
	m.stub("python3", "echo 'WARNING: Retrying (Retry(total=0, connect=None)) after connection broken' >&2; exit 1")
	m.stub("pip", "exit 1")
	_, err := m.resolve(Options{})
	if !errors.Is(err, errNetwork) {
		t.Errorf("got %v", err)
	}
	if calls := m.called(); len(calls) != 1 {
		t.Errorf("got calls %q, expected one", calls)
	}
}

func TestOtherFileThanExpected(t *testing.T) {
	m := newMachine(t)
	m.stubPip("pip", "onnxruntime-1.32.0-other.whl", wheelBytes(t))
	_, err := m.resolve(Options{})
	if err == nil {
		t.Fatal("expected an error")
	}
	contains(t, err.Error(), "expected the file "+wheelFile+`, found ["onnxruntime-1.32.0-other.whl"]`)
}

func TestCommandThatHangs(t *testing.T) {
	m := newMachine(t)
	m.stub("pip", "sleep 20")
	t.Run("timeout", func(t *testing.T) {
		start := time.Now()
		_, err := m.resolve(Options{Timeout: 300 * time.Millisecond})
		if err == nil {
			t.Fatal("expected an error")
		}
		contains(t, err.Error(), "pip download", "installation took longer than 300ms")
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := m.host.resolve(ctx, Options{CacheDir: m.cache, Progress: m.progress})
		var unavailable *UnavailableError
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &unavailable) {
			t.Errorf("got %v, expected only that it was cancelled", err)
		}
	})
	if left := m.inCache(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestProgressIsOneLine(t *testing.T) {
	m := newMachine(t)
	m.stubPip("pip", wheelFile, wheelBytes(t))
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
	text := m.progress.String()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Errorf("expected one line, found:\n%s", text)
	}
	contains(t, text, "triggerfinder: installing ONNX Runtime for linux/amd64 into "+m.cache, "once: release archive "+archiveFile+" (not available), pip download onnxruntime==1.32.0 done in ")
}

// The tests below run this test binary again as a child: a process of its own, with the fake sources.

const childVariable = "ORTLIB_TEST_CHILD"

type childTask struct{ Cache, Base string }

type childResult struct {
	Library Library
	Err     string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		var task childTask
		if err := json.Unmarshal([]byte(text), &task); err != nil {
			panic(err)
		}
		h := fakeHost(fakePins(&testing.B{}), task.Base)
		h.getenv = func(string) string { return "" }
		h.client, h.stall = newClient(time.Second, time.Minute), time.Minute
		var result childResult
		var err error
		result.Library, err = h.resolve(context.Background(), Options{CacheDir: task.Cache})
		if err != nil {
			result.Err = err.Error()
		}
		_ = json.NewEncoder(os.Stdout).Encode(result)
		return
	}
	os.Exit(m.Run())
}

type child struct {
	*exec.Cmd
	stdout, stderr *syncBuffer
}

func (m *machine) start() *child {
	m.t.Helper()
	executable, err := os.Executable()
	must(m.t, err)
	task, err := json.Marshal(childTask{m.cache, m.releaseBase})
	must(m.t, err)
	c := &child{exec.Command(executable), &syncBuffer{}, &syncBuffer{}}
	c.Env = append(os.Environ(), childVariable+"="+string(task))
	c.Stdout, c.Stderr = c.stdout, c.stderr
	must(m.t, c.Start())
	m.t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

func (c *child) result(t testing.TB) childResult {
	t.Helper()
	if err := c.Wait(); err != nil {
		t.Fatalf("child: %v\n%s", err, c.stderr)
	}
	var result childResult
	if err := json.Unmarshal([]byte(c.stdout.String()), &result); err != nil {
		t.Fatalf("child wrote %q: %v", c.stdout, err)
	}
	return result
}

func waitFor(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestTwoProcesses: the second starts while the first downloads; it waits and installs nothing.
func TestTwoProcesses(t *testing.T) {
	m := newMachine(t)
	release := make(chan struct{})
	m.serve(func(w http.ResponseWriter, request *http.Request) {
		select {
		case <-release:
		case <-request.Context().Done():
		}
		_, _ = w.Write(archiveBytes(t))
	})
	first := m.start()
	waitFor(t, "the first process's request", func() bool { return m.asked.Load() == 1 })
	second := m.start()
	waitFor(t, "the second process to wait", func() bool {
		return strings.Contains(second.stderr.String(), "waiting for another process")
	})
	close(release)
	a, b := first.result(t), second.result(t)
	if a.Err != "" || b.Err != "" {
		t.Fatalf("errors: %q, %q", a.Err, b.Err)
	}
	if a.Library.Path == "" || a.Library.Path != b.Library.Path {
		t.Errorf("got %q and %q, expected the same path", a.Library.Path, b.Library.Path)
	}
	if a.Library.Origin != OriginArchive || b.Library.Origin != OriginCache {
		t.Errorf("got origins %q and %q, expected %q and %q", a.Library.Origin, b.Library.Origin, OriginArchive, OriginCache)
	}
	if n := m.asked.Load(); n != 1 {
		t.Errorf("the archive was downloaded %d times", n)
	}
	if strings.Contains(second.stderr.String(), "installing ONNX Runtime for") {
		t.Errorf("the second process installed too: %s", second.stderr)
	}
}

// TestKilled: a process killed in the middle of the download leaves no library, and the next one cleans up.
func TestKilled(t *testing.T) {
	m := newMachine(t)
	gone := make(chan struct{})
	m.serve(func(w http.ResponseWriter, request *http.Request) {
		content := archiveBytes(t)
		if m.asked.Load() > 1 {
			_, _ = w.Write(content)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		<-request.Context().Done()
		close(gone)
	})
	victim := m.start()
	half := func() bool {
		files, _ := filepath.Glob(filepath.Join(m.cache, "onnxruntime", workPrefix+"*", "*", archiveFile))
		if len(files) != 1 {
			return false
		}
		info, err := os.Stat(files[0])
		return err == nil && info.Size() > 0
	}
	waitFor(t, "half of the archive", half)
	must(t, victim.Process.Kill())
	_ = victim.Wait()
	<-gone
	if !half() {
		t.Fatal("the killed process left nothing; this test shows nothing")
	}
	if library, err := m.resolve(Options{NoInstall: true}); err == nil {
		t.Fatalf("took %s of a killed installation", library.Path)
	}
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
	if got := m.inCache(); !slices.Equal(got, []string{"1.30.0-linux-amd64/libonnxruntime.so.1.30.0"}) {
		t.Errorf("in the cache: %q", got)
	}
}
