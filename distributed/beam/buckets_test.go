package beam_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/model"
)

func init() {
	beam.Register("files", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var files beam.Files
		err := json.Unmarshal(arguments, &files)
		pair := enginetest.SmoothPair()
		if os.Getenv(slowVariable) != "" {
			pair = slowed(pair)
		}
		return &beam.Plan{Pair: pair, Settings: enginetest.ClosingSettings(40, nil), Seeds: files}, err
	})
}

// bucketServer is a server that speaks as an object store does. The variable names the program; without it the test is skipped.
type bucketServer struct {
	scheme, variable, install string
	arguments                 func(port string) []string
	variables                 func(endpoint string) map[string]string // that have clients ask it
	put                       func(ctx context.Context, name string, content []byte) error
	port                      func() string // the same for all runs of a process, as clients are made once
}

const bucket = "triggerfinder-test"

var bucketServers = []bucketServer{
	{
		scheme: "gs", variable: "TRIGGERFINDER_GCS_SERVER", install: "github.com/fsouza/fake-gcs-server@v1.56.1", port: sync.OnceValue(freePort),
		arguments: func(port string) []string {
			return []string{"-scheme", "http", "-host", "127.0.0.1", "-port", port, "-backend", "memory", "-public-host", "127.0.0.1:" + port, "-log-level", "error"}
		},
		variables: func(endpoint string) map[string]string { return map[string]string{"STORAGE_EMULATOR_HOST": endpoint} },
		put: func(ctx context.Context, name string, content []byte) error {
			c, err := storage.NewClient(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			if name == "" {
				return c.Bucket(bucket).Create(ctx, "project", nil)
			}
			w := c.Bucket(bucket).Object(name).NewWriter(ctx)
			_, err = w.Write(content)
			return errors.Join(err, w.Close())
		},
	},
	{
		scheme: "s3", variable: "TRIGGERFINDER_S3_SERVER", install: "github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0", port: sync.OnceValue(freePort),
		arguments: func(port string) []string {
			return []string{"-backend", "memory", "-host", "127.0.0.1:" + port, "-quiet"}
		},
		variables: func(endpoint string) map[string]string {
			return map[string]string{"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
		},
		put: func(ctx context.Context, name string, content []byte) error {
			found, err := config.LoadDefaultConfig(ctx)
			if err != nil {
				return err
			}
			c := s3.NewFromConfig(found)
			if name == "" {
				_, err = c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
				return err
			}
			_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(name), Body: bytes.NewReader(content)})
			return err
		},
	},
}

func freePort() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// start starts the server with an empty bucket, for this process and those that it starts.
func (s bucketServer) start(t *testing.T) {
	t.Helper()
	program := os.Getenv(s.variable)
	if program == "" {
		t.Skipf("%s names no server of %s:// (go install %s): skipped", s.variable, s.scheme, s.install)
	}
	endpoint := "http://127.0.0.1:" + s.port()
	server := exec.Command(program, s.arguments(s.port())...)
	var says bytes.Buffer
	server.Stdout, server.Stderr = &says, &says
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("%s: %.2000s", program, says.String())
		}
	})
	for name, value := range s.variables(endpoint) {
		t.Setenv(name, value)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get(endpoint); err == nil {
			r.Body.Close()
			break
		} else if time.Now().After(until) {
			t.Fatalf("%s did not start: %v", program, err)
		}
	}
	if err := s.put(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
}

// TestBuckets has seeds in a bucket and results in it, a worker that is killed, and another run.
func TestBuckets(t *testing.T) {
	const n = 40
	var pixels, labels []byte
	dir := t.TempDir()
	for _, seed := range enginetest.PatternSeeds(n) {
		for _, v := range seed.Input.Data {
			pixels = append(pixels, byte(v))
		}
		labels = append(labels, byte(seed.Label))
	}
	archive := func(from, to int) []byte {
		var b bytes.Buffer
		if err := npy.WriteArchive(&b,
			npy.Named{Name: "images", Array: npy.Array{DType: npy.Uint8, Shape: []int{to - from, 12, 12, 1}, Data: pixels[from*144 : to*144]}},
			npy.Named{Name: "labels", Array: npy.Array{DType: npy.Uint8, Shape: []int{to - from}, Data: labels[from:to]}}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	many := manySeeds(t)
	for name, content := range map[string][]byte{"seeds-0.npz": archive(0, 15), "seeds-1.npz": archive(15, n)} {
		write(t, filepath.Join(dir, name), content)
	}
	local := beam.Files{Format: beam.NPZ, Paths: []string{dir + "/seeds-[0-9].npz"}, Key: "images", Label: "labels"}
	want := &beam.Plan{Pair: enginetest.SmoothPair(), Settings: enginetest.ClosingSettings(40, nil), Seeds: local}
	report, triggers := whole(t, want), savedLocally(t, want)
	for _, s := range bucketServers {
		t.Run(s.scheme, func(t *testing.T) {
			s.start(t)
			put := func(name string, content []byte) {
				if err := s.put(t.Context(), name, content); err != nil {
					t.Fatal(err)
				}
			}
			at := func(name string) string { return s.scheme + "://" + bucket + "/" + name }
			put("data/seeds-0.npz", archive(0, 15))
			put("data/seeds-1.npz", archive(15, n))
			put("data/seeds-x.npz", []byte("no array"))
			files := local
			files.Paths = []string{at("data/seeds-[0-9].npz")}
			job, folder := beam.Job{Plan: "files", Arguments: arguments(files)}, at("job")
			killedOnTheWay(t, process(t, folder, job, nil, slowVariable+"=1"), folder)
			if output, err := process(t, folder, job, nil).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			if diff := cmp.Diff(report, loaded(t, folder)); diff != "" {
				t.Error(diff)
			}
			fetched := t.TempDir()
			if err := beam.FetchTriggers(t.Context(), folder, fetched); err != nil {
				t.Fatal(err)
			}
			delete(triggers, "/.gitignore")
			if diff := cmp.Diff(triggers, filesBelow(t, fetched)); diff != "" {
				t.Error(diff)
			}
			s.reads(t, many, put, at)
		})
	}
}

// killedOnTheWay starts a process and kills it when it has written some of its results.
func killedOnTheWay(t *testing.T, c *exec.Cmd, folder string) {
	t.Helper()
	var says bytes.Buffer
	c.Stdout, c.Stderr = &says, &says
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	for until := time.Now().Add(time.Minute); ; {
		select {
		case <-ended:
			t.Fatalf("it ended before it was killed: %s", says.String())
		case <-time.After(20 * time.Millisecond):
		}
		_, err := beam.Load(t.Context(), folder)
		if errors.Is(err, beam.ErrUnfinished) && !strings.Contains(err.Error(), "found 0;") {
			break
		}
		if time.Now().After(until) {
			_ = c.Process.Kill()
			t.Fatalf("error %v; expected some results", err)
		}
	}
	if err := c.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-ended
	if _, err := beam.Load(t.Context(), folder); !errors.Is(err, beam.ErrUnfinished) {
		t.Fatalf("error %v; expected it to be killed on the way", err)
	}
}

// reads reads all formats from the bucket, and what is not there.
func (s bucketServer) reads(t *testing.T, many map[string][]byte, put func(string, []byte), at func(string) string) {
	t.Helper()
	many["odd name #1 100%?.npy"] = many["a.npy"]
	many["huggingface.parquet"] = model.Must(os.ReadFile(parquetFile(t, "huggingface")))
	for name, content := range many {
		put("many/"+name, content)
		l, err := filesOf(at("many/" + name)).List(t.Context())
		if name != "odd name #1 100%?.npy" && (err != nil || l.Seeds() < 25) {
			t.Errorf("%s: %d seeds, error %v", name, l.Seeds(), err)
			continue
		}
		if len(l.Parts) == 0 { // "?" makes it a glob
			continue
		}
		seeds, err := filesOf(at("many/"+name)).Open(t.Context(), l.Parts[len(l.Parts)-1])
		if found, bad := all(t, seeds, err); len(found) == 0 || len(bad) > 0 {
			t.Errorf("%s: %d seeds, and %q", name, len(found), bad)
		}
	}
	for i := range 3 {
		put(fmt.Sprintf("pictures/a b/%d.png", i), picture(t, i))
		put(fmt.Sprintf("pictures/c#%%/%d.png", i), picture(t, i+3))
	}
	seeds, err := beam.OpenSeeds(t.Context(), beam.Files{Paths: []string{at("pictures/")}})
	if found, bad := all(t, seeds, err); len(found) != 6 || len(bad) > 0 || found[5].Label != 1 {
		t.Errorf("found %d images, and %q", len(found), bad)
	}
	missing := at("missing.npz")
	if _, err := beam.OpenSeeds(t.Context(), filesOf(missing)); err == nil || !strings.Contains(err.Error(), missing) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v; expected one that names the file", err)
	}
}
