package sharedlib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Reasons why a command could not fetch a file.
var (
	errNoCommand = errors.New("not found on PATH")
	errNetwork   = errors.New("its network cannot be reached")
)

func (h *host) pipRequirement(p Pin) string { return h.Pip + "==" + p.Version }

// pipCommands are the ways to call pip, in the order they are tried.
func (h *host) pipCommands() [][]string {
	commands := [][]string{{"python3", "-m", "pip"}, {"python", "-m", "pip"}, {"pip3"}, {"pip"}}
	if h.goos == "windows" {
		commands = append(commands, []string{"py", "-m", "pip"})
	}
	return commands
}

// fetchWithPip downloads the wheel with the user's pip, whatever Python that belongs to: the tags pin the
// wheel. It installs nothing.
func (h *host) fetchWithPip(ctx context.Context, p Pin, dir string) (string, error) {
	arguments := []string{
		"download", "--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar", "off",
		"--timeout", "10", "--retries", "1", "--no-deps", "--only-binary=:all:",
		"--python-version", "3.13", "--implementation", "cp", "--abi", "cp313", "--platform", p.Tag,
		"--dest", dir, h.pipRequirement(p),
	}
	var reasons lineError
	for _, command := range h.pipCommands() {
		name := strings.Join(command, " ")
		executable, err := h.lookPath(command[0])
		if err != nil {
			reasons = append(reasons, fmt.Errorf("%s: %w", name, errNoCommand))
			continue
		}
		argv := slices.Concat([]string{executable}, command[1:], arguments)
		output, err := h.run(ctx, dir, []string{"PIP_REQUIRE_VIRTUALENV=false"}, argv...)
		if err == nil {
			return downloaded(dir, p.File)
		}
		if cause := ctx.Err(); cause != nil {
			return "", cause
		}
		err = commandError(err, output)
		if strings.Contains(output, "Retrying (") { // pip says so of connections only
			return "", append(reasons, fmt.Errorf("%s: %w: %w", name, errNetwork, err))
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", name, err))
	}
	return "", reasons
}

// lineError is several reasons on one line.
type lineError []error

func (e lineError) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (e lineError) Unwrap() []error { return e }

// downloaded returns the path of the file that a command was to leave in the folder.
func downloaded(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return "", fmt.Errorf("expected the file %s, found %q", name, names)
}
