// Package oiptest starts real servers of the Open Inference Protocol on this machine, for tests: they are installed from packages into the user's
// cache, pinned, and a test is skipped where that is not possible.
package oiptest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/triggerfinder/triggerfinder/fixtures"
)

// Server is a real server on this machine.
type Server struct {
	HTTP, GRPC string // addresses
	process    *exec.Cmd
	ended      chan error
}

// Kill kills it, and waits for its end.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	s.ended <- <-s.ended
}

//go:embed *.py *.txt
var testdata embed.FS

// python is the first Python on the PATH; the test is skipped where there is none.
func python(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Python on the PATH: no real server is tested")
	return ""
}

// packages installs what a server needs into the user's cache, once, and returns the folder for PYTHONPATH.
func packages(t testing.TB, server string) string {
	t.Helper()
	interpreter := python(t)
	pins, err := testdata.ReadFile("requirements-" + server + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "requirements.txt")
	if err := os.WriteFile(list, pins, 0o666); err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		t.Skipf("Python does not run, no real server is tested: %v", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no cache folder, no real server is tested: %v", err)
	}
	sum := sha256.Sum256(pins)
	folder := filepath.Join(cache, "triggerfinder", "servers", fmt.Sprintf("%s-python%s-%s", server, strings.TrimSpace(string(version)), hex.EncodeToString(sum[:6])))
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(folder + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Unlock() }()
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if os.Getenv("TRIGGERFINDER_NO_INSTALL") != "" {
		t.Skipf("%s is not installed, and TRIGGERFINDER_NO_INSTALL forbids it", server)
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "unfinished-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	pip := exec.Command(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--only-binary=:all:",
		"--timeout", "15", "--retries", "1", "--no-deps", "--target", filepath.Join(work, "packages"), "--requirement", list)
	pip.Env = append(os.Environ(), "PIP_REQUIRE_VIRTUALENV=false")
	if output, err := pip.CombinedOutput(); err != nil {
		t.Skipf("%s cannot be installed, it is not tested: %v: %.600s", server, err, output)
	}
	if err := os.Rename(filepath.Join(work, "packages"), folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// start runs a server until the end of the test, and waits until all models are ready.
func start(t testing.TB, server, folder string, ports [2]int, models []string, arguments ...string) *Server {
	t.Helper()
	scripts := t.TempDir()
	if err := os.CopyFS(scripts, testdata); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(python(t), arguments...)
	process.Dir = folder
	process.Env = append(os.Environ(), "PYTHONPATH="+strings.Join([]string{packages(t, server), scripts}, string(os.PathListSeparator)), "PYTHONNOUSERSITE=1")
	var output bytes.Buffer
	process.Stdout, process.Stderr = &output, &output
	process.WaitDelay = time.Second
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-ended
		if t.Failed() {
			text := output.String()
			t.Logf("%s: %s", server, text[max(0, len(text)-4000):])
		}
	})
	s := &Server{fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1]), process, ended}
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		ready := 0
		for _, name := range models {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			request, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.HTTP+"/v2/models/"+name+"/ready", nil)
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
				if response.StatusCode == http.StatusOK {
					ready++
				}
			}
			cancel()
		}
		connection, err := net.DialTimeout("tcp", s.GRPC, time.Second)
		if err == nil {
			_ = connection.Close()
			if ready == len(models) {
				return s
			}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v", server, err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not ready", server)
		}
	}
}

// Ports are free ones of this machine.
func Ports(t testing.TB, n int) []int {
	t.Helper()
	var all []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		all = append(all, l.Addr().(*net.TCPAddr).Port)
	}
	return all
}

// Models writes fixtures into a folder.
func Models(t testing.TB, names ...string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range names {
		data, err := fs.ReadFile(fixtures.Models, name+".onnx")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".onnx"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func writeJSON(t testing.TB, path string, value any) {
	t.Helper()
	data, err := json.Marshal(value)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// MLServer serves fixtures, the batched ones with adaptive batching too, under the name NAME-batched.
func MLServer(t testing.TB, names []string, batched ...string) *Server {
	t.Helper()
	p := Ports(t, 3)
	folder := Models(t, names...)
	root := t.TempDir()
	writeJSON(t, filepath.Join(root, "settings.json"), map[string]any{
		"host": "127.0.0.1", "http_port": p[0], "grpc_port": p[1], "metrics_port": p[2], "parallel_workers": 0, "debug": false,
	})
	served := append([]string(nil), names...)
	for _, name := range names {
		writeJSON(t, filepath.Join(root, name, "model-settings.json"), map[string]any{
			"name": name, "implementation": "mlserver_onnx.Onnx", "parameters": map[string]any{"uri": filepath.Join(folder, name+".onnx")},
		})
	}
	for _, name := range batched {
		writeJSON(t, filepath.Join(root, name+"-batched", "model-settings.json"), map[string]any{
			"name": name + "-batched", "implementation": "mlserver_onnx.Onnx", "max_batch_size": 16, "max_batch_time": 0.05,
			"parameters": map[string]any{"uri": filepath.Join(folder, name+".onnx")},
		})
		served = append(served, name+"-batched")
	}
	return start(t, "mlserver", root, [2]int{p[0], p[1]}, served, "-c", "from mlserver.cli import main; main()", "start", root)
}

// KServe serves fixtures by two ports, HTTP and gRPC, such as those of [Ports].
func KServe(t testing.TB, p []int, names ...string) *Server {
	t.Helper()
	folder, files := Models(t, names...), map[string]string{}
	for _, name := range names {
		files[name] = filepath.Join(folder, name+".onnx")
	}
	return KServeFiles(t, p, files)
}

// KServeFiles serves ONNX files by their names.
func KServeFiles(t testing.TB, p []int, files map[string]string) *Server {
	t.Helper()
	var names []string
	arguments := []string{"-m", "kserve_onnx", fmt.Sprint(p[0]), fmt.Sprint(p[1])}
	for name, file := range files {
		names = append(names, name)
		arguments = append(arguments, name+"="+file)
	}
	return start(t, "kserve", t.TempDir(), [2]int{p[0], p[1]}, names, arguments...)
}

// Python starts a script of this package with the packages of a server, until the end of the test.
func Python(t testing.TB, server, script string, arguments ...string) (io.Writer, io.Reader) {
	t.Helper()
	scripts := t.TempDir()
	if err := os.CopyFS(scripts, testdata); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(python(t), append([]string{filepath.Join(scripts, script)}, arguments...)...)
	process.Env = append(os.Environ(), "PYTHONPATH="+packages(t, server), "PYTHONNOUSERSITE=1")
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	return in, out
}
