package command

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// Parse reads a command line that has flags only. Usage and messages go to log; usage stands above the list of flags.
func Parse(flags *flag.FlagSet, args []string, usage string, log io.Writer) error {
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprint(log, usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("expected flags only, found %q", flags.Arg(0))
	}
	return nil
}

// Names splits what a flag lists, separated by commas. An empty one lists nothing.
func Names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
