package main

import (
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/runtimes/pairfile"
)

// instead are flags of the command line beside which what the file says for others does not hold.
var instead = map[string][]string{"labels": {"label-key", "no-labels", "class-map"}}

// readFile gives flags that are not given the values of --pair-file, as far as the command has such flags.
func (m *models) readFile() error {
	if m.file == "" {
		return nil
	}
	f, err := pairfile.Load(m.file)
	if err != nil {
		return err
	}
	var given []string
	for _, name := range m.flags.Names() {
		if m.flags.Given(name) {
			given = append(given, name)
		}
	}
	m.folders = map[string]string{}
	for _, v := range f.Values() {
		if m.flags.Value(v.Key) == nil || slices.ContainsFunc(winners(v.Key), func(name string) bool { return slices.Contains(given, name) }) {
			continue
		}
		if err := m.flags.Assign(v.Key, v.Text); err != nil {
			return m.flags.Misuse("%s:%d: %s: %w", m.file, v.Line, v.Key, err)
		}
		if modeltext.Where(v.Text) == modeltext.Program && m.paths[v.Key] != nil {
			m.folders[v.Key] = f.Folder()
		}
	}
	return nil
}

// winners are the flags that win over what the file says for one: itself, for one model that of both, and for what a preset says the preset.
func winners(name string) []string {
	names := append([]string{name}, instead[name]...)
	side, option, ofOne := strings.Cut(name, ".")
	if ofOne {
		names = append(names, option)
	} else {
		option = name
	}
	if slices.Contains(preprocessingFlags, option) {
		names = append(names, "preset")
		if ofOne {
			names = append(names, side+".preset")
		}
	}
	return names
}
