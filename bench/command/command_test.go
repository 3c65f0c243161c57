package command

import (
	"bytes"
	"flag"
	"slices"
	"strings"
	"testing"
)

func TestParseTakesFlagsOnly(t *testing.T) {
	for _, c := range []struct{ args, wants, logs string }{
		{"-seeds 3", "", ""},
		{"-seeds 3 lenet5", `expected flags only, found "lenet5"`, ""},
		{"-help", flag.ErrHelp.Error(), "says what it does\n  -seeds int"},
	} {
		var log bytes.Buffer
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		flags.Int("seeds", 1, "the seeds")
		found := ""
		if err := Parse(flags, strings.Fields(c.args), "says what it does\n", &log); err != nil {
			found = err.Error()
		}
		if found != c.wants || !strings.HasPrefix(log.String(), c.logs) {
			t.Errorf("%s: error %q, log %q; expected %q and %q", c.args, found, log.String(), c.wants, c.logs)
		}
	}
}

func TestNames(t *testing.T) {
	if Names("") != nil || !slices.Equal(Names("a,b"), []string{"a", "b"}) {
		t.Errorf("found %q and %q", Names(""), Names("a,b"))
	}
}
