package onnx

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// placement is where the nodes of one run were run.
type placement struct {
	elsewhere int            // on the provider that was asked for; it may make one node of many
	onCPU     map[string]int // on the processor: how many of each operator
}

// where finds out which nodes the processor runs in place of the provider, by the profile of one run of a session of its own, and says so. A
// model of which the provider runs nothing is an error.
func (l *loaded) where(run func(predictor.Session) bool) (nodes, note string, err error) {
	provider := l.settings.provider
	p, err := l.profile(run)
	if err != nil {
		return "", "", err
	}
	if p == nil {
		return "some", fmt.Sprintf("execution provider %q leaves nodes of it to the CPU; how many could not be told without an input", provider), nil
	}
	cpu := 0
	var operators []string
	for _, name := range slices.Sorted(maps.Keys(p.onCPU)) {
		cpu += p.onCPU[name]
		if n := p.onCPU[name]; n > 1 {
			name = fmt.Sprintf("%d × %s", n, name)
		}
		operators = append(operators, name)
	}
	switch {
	case p.elsewhere == 0:
		return "", "", &providerError{provider, fmt.Errorf("expected a model of which it runs something, found that it leaves all %d nodes to the CPU: %s", cpu, strings.Join(operators, ", "))}
	case cpu == 0:
		return "all", "", nil // what it left was computed when the model was loaded
	}
	return fmt.Sprintf("%d of %d", p.elsewhere, p.elsewhere+cpu),
		fmt.Sprintf("execution provider %q runs %d of its nodes, each of which may be several of the file, and the CPU %d: %s", provider, p.elsewhere, cpu, strings.Join(operators, ", ")), nil
}

// profile is nil where the model could not be run on an input that is made up.
func (l *loaded) profile(run func(predictor.Session) bool) (*placement, error) {
	folder, err := os.MkdirTemp("", "triggerfinder-profile-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s := l.settings
	s.profile = filepath.Join(folder, "run")
	opened, err := newSession(l.runnable, s)
	if err != nil {
		return nil, predictor.CleanError(err)
	}
	ran := run(opened)
	opened.Close() // writes the profile
	if !ran {
		return nil, nil
	}
	files, _ := filepath.Glob(s.profile + "*")
	if len(files) != 1 {
		return nil, fmt.Errorf("expected one profile of ONNX Runtime in %s, found %d", folder, len(files))
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	return placed(text)
}

// placed reads a profile of ONNX Runtime.
func placed(profile []byte) (*placement, error) {
	var events []struct {
		Category  string `json:"cat"`
		Name      string `json:"name"`
		Arguments struct {
			Provider string `json:"provider"`
			Operator string `json:"op_name"`
			Node     string `json:"node_index"`
		} `json:"args"`
	}
	if err := json.Unmarshal(profile, &events); err != nil {
		return nil, fmt.Errorf("profile of ONNX Runtime: %w", err)
	}
	p := &placement{onCPU: map[string]int{}}
	seen := map[string]bool{}
	for _, e := range events {
		name := e.Name + " " + e.Arguments.Node
		if e.Category != "Node" || e.Arguments.Provider == "" || seen[name] {
			continue
		}
		seen[name] = true
		if e.Arguments.Provider == "CPUExecutionProvider" {
			p.onCPU[e.Arguments.Operator]++
		} else {
			p.elsewhere++
		}
	}
	return p, nil
}
