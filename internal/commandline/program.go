package commandline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
)

// Command is one command of a program, or a program that is one command.
type Command struct {
	Name   string
	Usage  string // what follows the name
	About  string // paragraphs above the flags in the help
	Hidden bool
	// Flags are the flags, and Run gets what stands on the command line beside them, and gives the exit code. Prepare sets both, for a
	// command that has many: it is called where the command is needed, lest each start of the program pays for all of them.
	Flags   *Flags
	Run     func(args []string) (code int, err error)
	Prepare func(c *Command)

	// What is completed in place of arguments that are no flags: folders, files of some endings, or words.
	Folders bool
	Files   []string
	Words   []string
}

// ready is the command with its flags.
func (c *Command) ready() *Command {
	if c.Flags == nil && c.Prepare != nil {
		c.Prepare(c)
	}
	return c
}

// Program is a program of several commands, or of one.
type Program struct {
	Name, About string
	Footer      string // of the general help
	Version     string
	Commands    []*Command
	Only        *Command // in place of Commands
	Out         io.Writer
}

// Run carries out a command line. An error of the line itself is a [Misuse].
func (p *Program) Run(args []string) (code int, err error) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "__complete") {
		args = p.withTwoDashes(args)
		if err := p.checkCommand(args); err != nil {
			return 0, err
		}
	}
	root := p.root(&code, p.needed(args))
	root.SetArgs(args)
	root.SetOut(p.Out)
	return code, root.Execute()
}

// withTwoDashes takes flags that are written with one dash, as package flag of Go takes them, for those with two.
func (p *Program) withTwoDashes(args []string) []string {
	known := []string{"help", "version"}
	for _, c := range p.needed(args) {
		known = append(known, c.ready().Flags.Names()...)
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, isOne := strings.CutPrefix(arg, "-")
		name, _, _ = strings.Cut(name, "=")
		if isOne && len(name) > 1 && slices.Contains(known, name) {
			args[i] = "-" + arg
		}
	}
	return args
}

// needed are the commands whose flags a command line is about.
func (p *Program) needed(args []string) []*Command {
	switch {
	case p.Only != nil:
		return []*Command{p.Only}
	case len(args) == 0:
		return nil
	case strings.HasPrefix(args[0], "__complete"):
		return p.Commands
	}
	if c := p.commandNamed(args[0]); c != nil {
		return []*Command{c}
	}
	return nil
}

// names are those of the commands that are shown.
func (p *Program) names() []string {
	var names []string
	for _, c := range p.Commands {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}

func (p *Program) commandNamed(name string) *Command {
	for _, c := range p.Commands {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// checkCommand finds commands that there are not.
func (p *Program) checkCommand(args []string) error {
	if p.Only != nil || strings.HasPrefix(args[0], "-") || slices.Contains([]string{"help", "version"}, args[0]) || p.commandNamed(args[0]) != nil {
		return nil
	}
	return Misuse{Text: p.expected() + fmt.Sprintf(", found %q", args[0]) + p.meant(args[0])}
}

func (p *Program) expected() string {
	return "expected a command: " + strings.Join(p.names(), ", ") + ", version or help"
}

// meant suggests a command.
func (p *Program) meant(written string) string {
	if meant := spelling.Nearest(written, append(p.names(), "version", "help")); meant != "" {
		return "; did you mean " + meant + "?"
	}
	return ""
}

// root is the program as cobra knows it, with the flags of the commands that are needed. The exit code is that of the command that runs.
func (p *Program) root(code *int, needed []*Command) *cobra.Command {
	if p.Only != nil {
		root := p.Only.ready().cobra(p, code)
		root.Use = strings.Join(fields(p.Name, p.Only.Usage), " ")
		root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
		root.SilenceErrors, root.SilenceUsage = true, true
		return root
	}
	root := &cobra.Command{
		Use: p.Name, Short: p.About, Version: p.Version, SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return Misuse{Text: p.expected()} },
	}
	root.SetVersionTemplate(p.Version + "\n")
	root.CompletionOptions.DisableDefaultCmd = true // it is one of ours
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return NewFlags("").explain(err) })
	root.SetHelpFunc(func(*cobra.Command, []string) { _, _ = io.WriteString(p.Out, p.general()) })
	for _, c := range p.Commands {
		if slices.Contains(needed, c) {
			c.ready()
		}
		root.AddCommand(c.cobra(p, code))
	}
	root.AddCommand(&cobra.Command{Use: "version", Short: "what this is", RunE: func(*cobra.Command, []string) error {
		_, err := fmt.Fprintln(p.Out, p.Version)
		return err
	}})
	root.SetHelpCommand(&cobra.Command{Use: "help", Short: "how a command is used", ValidArgs: p.names(), RunE: func(_ *cobra.Command, args []string) error {
		return p.help(strings.Join(args[:min(len(args), 1)], ""))
	}})
	return root
}

// help writes the help of a command, or that of the program.
func (p *Program) help(topic string) error {
	text := p.general()
	switch c := p.commandNamed(topic); {
	case c != nil:
		text = c.Help(p.Name)
	case topic != "" && topic != "version" && topic != "help":
		return Misuse{Text: fmt.Sprintf("help: expected %s or nothing, found %q%s", strings.Join(p.names(), ", "), topic, p.meant(topic))}
	}
	_, err := io.WriteString(p.Out, text)
	return err
}

// cobra is the command as cobra knows it.
func (c *Command) cobra(p *Program, code *int) *cobra.Command {
	command := &cobra.Command{
		Use: strings.TrimSpace(c.Name + " " + c.Usage), Short: c.summary(), Hidden: c.Hidden, DisableFlagsInUseLine: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := c.Run(args)
			*code = n
			return err
		},
		ValidArgsFunction: c.completeArgument,
	}
	command.SetHelpFunc(func(*cobra.Command, []string) { _, _ = io.WriteString(p.Out, c.Help(p.Name)) })
	if c.Flags == nil {
		return command // it is not the one that runs
	}
	command.Flags().SortFlags = false
	command.Flags().AddFlagSet(c.Flags.set)
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return c.Flags.explain(err) })
	for name, v := range c.Flags.values {
		if !v.boolean {
			_ = command.RegisterFlagCompletionFunc(name, v.complete) // fails for names that are none
		}
	}
	return command
}

// summary is the first sentence of what the command is.
func (c *Command) summary() string {
	text, _, _ := strings.Cut(strings.Join(strings.Fields(c.About), " "), ". ")
	return strings.TrimSuffix(text, ".")
}

func (c *Command) completeArgument(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case c.Folders:
		return nil, cobra.ShellCompDirectiveFilterDirs
	case len(c.Files) > 0:
		return c.Files, cobra.ShellCompDirectiveFilterFileExt
	}
	return completed(c.Words, written)
}

// complete gives the values of a flag that begin as what is written, after the last comma where several may stand.
func (v *Value) complete(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case len(v.words) > 0:
		return completed(v.words, written)
	case v.folder:
		return nil, cobra.ShellCompDirectiveFilterDirs
	case len(v.files) > 1:
		return v.files[1:], cobra.ShellCompDirectiveFilterFileExt
	case len(v.files) == 1:
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func completed(words []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, word := range words {
		if strings.HasPrefix(strings.ToLower(word), strings.ToLower(written)) {
			list = append(list, word)
			if strings.HasSuffix(word, "=") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
		}
	}
	return list, directive
}

// Completion is a command that prints what a shell needs to complete the program's command lines.
func (p *Program) Completion() *Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	c := &Command{Name: "completion", Usage: strings.Join(shells, "|"), Words: shells, Flags: NewFlags("completion"), About: strings.ReplaceAll(`Prints what a shell needs to complete commands, flags and their values. To have it now, and in each new shell:

  bash         source <(PROGRAM completion bash)
               PROGRAM completion bash > /etc/bash_completion.d/PROGRAM
  zsh          PROGRAM completion zsh > "${fpath[1]}/_PROGRAM"
  fish         PROGRAM completion fish > ~/.config/fish/completions/PROGRAM.fish
  powershell   PROGRAM completion powershell | Out-String | Invoke-Expression

The one of bash needs the package bash-completion, which most systems have.`, "PROGRAM", p.Name)}
	c.Run = func(args []string) (int, error) {
		if len(args) != 1 {
			return 0, c.Flags.Misuse("expected one shell of %s, found %d", strings.Join(shells, ", "), len(args))
		}
		code, root := 0, p.root(new(int), nil)
		switch args[0] {
		case "bash":
			return code, root.GenBashCompletionV2(p.Out, true)
		case "zsh":
			return code, root.GenZshCompletion(p.Out)
		case "fish":
			return code, root.GenFishCompletion(p.Out, true)
		case "powershell":
			return code, root.GenPowerShellCompletionWithDesc(p.Out)
		}
		meant := ""
		if word := spelling.Nearest(args[0], shells); word != "" {
			meant = "; did you mean " + word + "?"
		}
		return 0, c.Flags.Misuse("expected bash, zsh, fish or powershell, found %q%s", args[0], meant)
	}
	return c
}
