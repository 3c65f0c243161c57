package wild

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the script and what it needs
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed quantise.py
var quantiser []byte

//go:embed requirements.txt
var requirements []byte

// python runs the first Python on the PATH and returns what it wrote. That there is none is [ErrUnavailable].
func python(ctx context.Context, folder string, environment []string, arguments ...string) (string, error) {
	var executable string
	var err error
	for _, name := range []string{"python3", "python"} {
		if executable, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return "", fmt.Errorf("%w: Python: %w", ErrUnavailable, err)
	}
	command := exec.CommandContext(ctx, executable, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	command.WaitDelay = 2 * time.Second
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return output.String(), fmt.Errorf("%w: %s", err, lastOf(output.String()))
	}
	return output.String(), nil
}

// lastOf is the end of what a command wrote, on one line.
func lastOf(output string) string {
	const most = 400
	output = strings.Join(strings.FieldsFunc(output, func(c rune) bool { return c == '\n' || c == '\r' }), " | ")
	if len(output) > most {
		output = "…" + output[len(output)-most:]
	}
	return output
}

// pip runs it. What it does not get is [ErrUnavailable]: a network that is not there looks like a package that is not.
func pip(ctx context.Context, folder string, arguments ...string) error {
	_, err := python(ctx, folder, []string{"PIP_REQUIRE_VIRTUALENV=false"}, append([]string{"-m", "pip"}, arguments...)...)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// packages is the folder of what the quantiser needs, for the Python on the PATH.
func (s *shelf) packages(ctx context.Context) (string, error) {
	version, err := python(ctx, s.root, nil, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(requirements)
	path := filepath.Join(s.root, "python"+strings.TrimSpace(version)+"-"+hex.EncodeToString(sum[:6]))
	err = s.locked(ctx, func() error {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		return s.into(func(work string) error {
			list, target := filepath.Join(work, "requirements.txt"), filepath.Join(work, "packages")
			if err := os.WriteFile(list, requirements, 0o644); err != nil {
				return err
			}
			if err := pip(ctx, work, "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--only-binary=:all:",
				"--timeout", "15", "--retries", "1", "--no-deps", "--target", target, "--requirement", list); err != nil {
				return fmt.Errorf("packages for quantisation: %w", err)
			}
			return os.Rename(target, path)
		})
	})
	return path, err
}

// recipe is how a file in the cache is made of another one by a Python script: SCRIPT SOURCE TARGET [DATA] ARGUMENT....
type recipe struct {
	what      string // in a word, for errors
	script    []byte
	source    string
	target    string // the beginning of the file's name
	arguments []string
	data      func(context.Context) ([]byte, error) // of a file; nil where the script needs none
	dataKey   string                                // changes with the data
}

// made returns the path of the file, made where it is not in the cache.
func (s *shelf) made(ctx context.Context, r recipe) (string, error) {
	sum, err := sumOf(r.source)
	if err != nil {
		return "", err
	}
	key := sha256.New()
	parts := []string{string(r.script), string(requirements), sum, strings.Join(r.arguments, "\n")}
	if r.data != nil {
		parts = append(parts, r.dataKey)
	}
	for _, part := range parts {
		fmt.Fprintf(key, "%d:%s", len(part), part)
	}
	path := filepath.Join(s.root, "made", r.target+"-"+hex.EncodeToString(key.Sum(nil)[:6])+".onnx")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	packages, err := s.packages(ctx)
	if err != nil {
		return "", err
	}
	var data []byte
	if r.data != nil {
		if data, err = r.data(ctx); err != nil {
			return "", fmt.Errorf("%s of %s: %w", r.what, filepath.Base(r.source), err)
		}
	}
	return path, s.locked(ctx, func() error {
		if _, err := os.Stat(path); err == nil {
			return nil // by another process
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return s.into(func(work string) error {
			script, written := filepath.Join(work, "script.py"), filepath.Join(work, "made.onnx")
			if err := os.WriteFile(script, r.script, 0o644); err != nil {
				return err
			}
			arguments := []string{script, r.source, written}
			if r.data != nil {
				file := filepath.Join(work, "data")
				if err := os.WriteFile(file, data, 0o644); err != nil {
					return err
				}
				arguments = append(arguments, file)
			}
			arguments = append(arguments, r.arguments...)
			if _, err := python(ctx, work, []string{"PYTHONPATH=" + packages, "PYTHONNOUSERSITE=1"}, arguments...); err != nil {
				return fmt.Errorf("%s of %s: %w", r.what, filepath.Base(r.source), err)
			}
			return os.Rename(written, path)
		})
	})
}

// quantised returns the path of the dynamically quantised version of a model in the cache.
func (s *shelf) quantised(ctx context.Context, original string, leave []string) (string, error) {
	return s.made(ctx, recipe{
		what: "quantisation", script: quantiser, source: original, target: strings.TrimSuffix(filepath.Base(original), ".onnx") + "-int8", arguments: leave,
	})
}
