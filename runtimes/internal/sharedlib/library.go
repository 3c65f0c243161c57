package sharedlib

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// inspect checks that the file is a shared library of the product for this machine and returns its
// version, or "" if it does not tell. It loads nothing.
func (h *host) inspect(path string) (version string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", unwrapPath(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", unwrapPath(err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("expected a shared library, found %s", describeMode(info.Mode()))
	}
	header := make([]byte, 4096)
	n, err := io.ReadFull(file, header)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", unwrapPath(err)
	}
	if err := checkFormat(header[:n], h.goos, h.goarch); err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", unwrapPath(err)
	}
	content, err := io.ReadAll(io.LimitReader(file, 1<<30))
	if err != nil {
		return "", unwrapPath(err)
	}
	if !bytes.Contains(content, []byte(h.Symbol)) {
		return "", fmt.Errorf("expected a library of %s, found one without the symbol %s", h.Title, h.Symbol)
	}
	if !h.TellsVersion {
		return "", nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		if version := h.nameVersion(filepath.Base(real)); version != "" {
			return version, nil
		}
	}
	return contentVersion(content), nil
}

// unwrapPath takes the path off an error: the callers name it.
func unwrapPath(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func describeMode(mode os.FileMode) string {
	if mode.IsDir() {
		return "a folder"
	}
	return "a file of mode " + mode.String()
}

// checkFormat checks the first bytes of a file: a shared library of the system, for the architecture.
func checkFormat(header []byte, goos, goarch string) error {
	format, machines, err := "ELF", map[string]uint32{"amd64": 62, "arm64": 183}, error(nil)
	var found []uint32
	switch goos {
	case "darwin", "ios":
		format, machines = "Mach-O", map[string]uint32{"amd64": 0x01000007, "arm64": 0x0100000c}
		found, err = machOMachines(header)
	case "windows":
		format, machines = "DLL", map[string]uint32{"amd64": 0x8664, "arm64": 0xaa64}
		found, err = peMachines(header)
	default:
		found, err = elfMachines(header)
	}
	if err != nil {
		start := header[:min(len(header), 16)]
		return fmt.Errorf("expected a shared library (%s), found a file that starts with %q", format, start)
	}
	expected, known := machines[goarch]
	if !known {
		return nil
	}
	for _, machine := range found {
		if machine == expected {
			return nil
		}
	}
	return fmt.Errorf("expected a shared library for %s (%s machine %#x), found one for machine %#x", goarch, format, expected, found)
}

var errFormat = errors.New("not of this format")

func elfMachines(b []byte) ([]uint32, error) {
	const shared = 3 // ET_DYN
	if len(b) < 20 || string(b[:4]) != "\x7fELF" || b[5] != 1 || binary.LittleEndian.Uint16(b[16:]) != shared {
		return nil, errFormat
	}
	return []uint32{uint32(binary.LittleEndian.Uint16(b[18:]))}, nil
}

func machOMachines(b []byte) ([]uint32, error) {
	const dylib = 6 // MH_DYLIB
	if len(b) < 16 {
		return nil, errFormat
	}
	if binary.LittleEndian.Uint32(b) == 0xfeedfacf && binary.LittleEndian.Uint32(b[12:]) == dylib {
		return []uint32{binary.LittleEndian.Uint32(b[4:])}, nil
	}
	if binary.BigEndian.Uint32(b) != 0xcafebabe { // a universal file
		return nil, errFormat
	}
	var machines []uint32
	for i := range int(binary.BigEndian.Uint32(b[4:])) {
		at := 8 + 20*i
		if at+4 > len(b) {
			break
		}
		machines = append(machines, binary.BigEndian.Uint32(b[at:]))
	}
	return machines, nil
}

func peMachines(b []byte) ([]uint32, error) {
	const dll = 0x2000 // IMAGE_FILE_DLL
	if len(b) < 0x40 || string(b[:2]) != "MZ" {
		return nil, errFormat
	}
	at := int(binary.LittleEndian.Uint32(b[0x3c:]))
	if at < 0 || at > len(b)-24 || string(b[at:at+4]) != "PE\x00\x00" || binary.LittleEndian.Uint16(b[at+22:])&dll == 0 {
		return nil, errFormat
	}
	return []uint32{uint32(binary.LittleEndian.Uint16(b[at+4:]))}, nil
}

// contentVersion returns the version that the library tells in its content, or "": the name of its symbol
// version (ELF), its version resource (Windows), or the one string of its data that can be its version.
func contentVersion(content []byte) string {
	if version := versionAfter(content, []byte("\x00VERS_")); version != "" {
		return version
	}
	wide := bytes.Join(bytes.SplitAfter([]byte("FileVersion"), nil), []byte{0})
	if _, rest, ok := bytes.Cut(content, wide); ok {
		narrow := bytes.ReplaceAll(bytes.TrimLeft(rest[:min(len(rest), 64)], "\x00"), []byte{0}, nil)
		if version := leadingVersion(narrow); version != "" {
			return version
		}
	}
	return onlyVersion(content)
}

func versionAfter(content, prefix []byte) string {
	for {
		_, rest, ok := bytes.Cut(content, prefix)
		if !ok {
			return ""
		}
		if version := leadingVersion(rest); version != "" {
			return version
		}
		content = rest
	}
}

// onlyVersion looks for strings such as "1.32.0". Versions below 1.10 belong to other libraries (zlib).
func onlyVersion(content []byte) string {
	only := ""
	for {
		_, rest, ok := bytes.Cut(content, []byte("\x001."))
		if !ok {
			return only
		}
		text := append([]byte("1."), rest[:min(len(rest), 16)]...)
		version := leadingVersion(text)
		if version != "" && len(text) > len(version) && text[len(version)] == 0 && parseVersion(version)[1] >= 10 {
			if only != "" && only != version {
				return ""
			}
			only = version
		}
		content = rest
	}
}

var versionAtStart = regexp.MustCompile(`^\d+\.\d+\.\d+`)

func leadingVersion(b []byte) string { return string(versionAtStart.Find(b[:min(len(b), 32)])) }

// parseVersion returns the three numbers of a version; what is missing or no number is zero.
func parseVersion(version string) (numbers [3]int) {
	for i, part := range strings.SplitN(version, ".", 3) {
		numbers[i], _ = strconv.Atoi(part)
	}
	return numbers
}

func compareVersions(a, b string) int {
	x, y := parseVersion(a), parseVersion(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] - y[i]
		}
	}
	return 0
}

// checkVersion checks that the binding can use a version, and that it is the wanted one if one is wanted.
func (h *host) checkVersion(version, wanted string) error {
	if leadingVersion([]byte(version)) != version {
		return fmt.Errorf("expected a version such as 1.30.0, found %q", version)
	}
	if compareVersions(version, h.Minimum) < 0 {
		return fmt.Errorf("expected %s %s or newer, found %s", h.Title, h.Minimum, version)
	}
	if wanted != "" && version != wanted {
		return fmt.Errorf("expected %s %s, found %s", h.Title, wanted, version)
	}
	return nil
}
