package main

import (
	"fmt"
	"strings"
)

// aCommand is a command that has help of its own.
type aCommand struct {
	name  string
	usage string // what follows its name
	run   func(args []string, c console) (code int, err error)
	help  string
}

// commands are those commands, in the order in which they are listed.
func commands() []aCommand {
	return []aCommand{
		{"search", "--original MODEL --compressed MODEL --seeds PATH [flags]", search, searchHelp},
		{"replay", "DIR [flags]", replay, replayHelp},
		{"minimize", "DIR [flags]", minimizeCommand, minimizeHelp},
		{"layers", "--triggers DIR [flags]", blameLayers, layersHelp},
		{"merge", "A.json B.json …", merge, mergeHelp},
		{"export", "DIR --out FILE", export, exportHelp},
	}
}

func commandNamed(name string) (aCommand, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return aCommand{}, false
}

// commandNames are the names of the commands, between a separator.
func commandNames(separator string) string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return strings.Join(names, separator)
}

// generalHelp is the help of the program.
func generalHelp() string {
	var b strings.Builder
	b.WriteString("triggerfinder finds inputs on which a compressed neural network deviates from its original.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  triggerfinder %s %s\n", c.name, c.usage)
	}
	fmt.Fprintf(&b, "  triggerfinder version\n  triggerfinder help %s\n\nExit code: 0 no deviation, 1 a deviation, 2 an error.\n", commandNames("|"))
	return b.String()
}

// help writes the help of a command, or that of the program.
func help(topic string, c console) error {
	text := generalHelp()
	switch command, ok := commandNamed(topic); {
	case ok:
		text = command.help
	case topic != "" && topic != "version" && topic != "help":
		return usageError{text: fmt.Sprintf("help: expected %s or nothing, found %q", commandNames(", "), topic)}
	}
	_, err := fmt.Fprint(c.out, text)
	return err
}
