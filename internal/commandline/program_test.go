package commandline_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
)

// lamp is a program of two commands, and what its last command line came to.
type lamp struct {
	*commandline.Program
	out    strings.Builder
	colour string
	watts  int
	off    bool
	args   []string
}

func newLamp() *lamp {
	l := &lamp{watts: 40}
	f := commandline.NewFlags("light")
	f.Choice("colour", "NAME", "of the light: red or green. Others are not sold", &l.colour, "red", "green")
	f.Section("Power (of the bulb)")
	f.Count("watts", "how bright it is (default 40)", &l.watts, 1)
	f.Switch("quiet", "no hum", &l.off)
	f.Text("Bulbs", "  E27  large\n  E14  small\n")
	l.Program = &commandline.Program{Name: "lamp", About: "lamp lights a room.", Footer: "Exit code: 3 light.", Version: "lamp 1.0", Out: &l.out}
	l.Commands = []*commandline.Command{{Name: "light", Usage: "ROOM [flags]", About: "Lights a room. It is dark otherwise.", Flags: f, Folders: true,
		Run: func(args []string) (int, error) {
			l.args = args
			return 3, f.Require("colour")
		}}}
	l.Commands = append(l.Commands, l.Completion(), l.Manual())
	return l
}

func TestRun(t *testing.T) {
	for _, line := range []string{"light --colour red --watts 60 hall", "light hall -colour=RED -watts 60", "light hall --watts=60 --colour Red", "light --colour red --watts 60 -- hall"} {
		l := newLamp()
		code, err := l.Run(strings.Fields(line))
		if err != nil || code != 3 || l.colour != "red" || l.watts != 60 || strings.Join(l.args, " ") != "hall" {
			t.Errorf("%s: found code %d, error %v, %q, %d, %q", line, code, err, l.colour, l.watts, l.args)
		}
	}
	for line, want := range map[string]string{
		"version": "lamp 1.0\n", "--version": "lamp 1.0\n", "-version": "lamp 1.0\n", "help": "lamp lights a room.\n", "-h": "lamp light ROOM [flags]\n",
		"light --help": "--colour NAME         of the light: red or green.", "help light": "  -q, --quiet           no hum\n", "light -help": "Bulbs\n  E27  large\n",
		"light -h": "Power (of the bulb)\n",
	} {
		l := newLamp()
		if code, err := l.Run(strings.Fields(line)); err != nil || code != 0 || !strings.Contains(l.out.String(), want) {
			t.Errorf("%s: found code %d, error %v and\n%s", line, code, err, l.out.String())
		}
	}
}

func TestMisuse(t *testing.T) {
	for line, want := range map[string]string{
		"":                    "expected a command: light, completion, version or help",
		"ligth":               `expected a command: light, completion, version or help, found "ligth"; did you mean light?`,
		"dark --colour red":   `expected a command: light, completion, version or help, found "dark"`,
		"help ligth":          `help: expected light, completion or nothing, found "ligth"; did you mean light?`,
		"light":               "light: --colour: expected a value, found none",
		"light --color red":   "light: --color: there is no such flag; did you mean --colour?",
		"light --size 3":      "light: --size: there is no such flag",
		"light -x":            "light: -x: there is no such flag",
		"light --colour gren": `light: --colour: expected red or green, found "gren"; did you mean green?`,
		"light --colour blue": `light: --colour: expected red or green, found "blue"`,
		"light --colour":      "light: --colour: expected a value, found none",
		"light --watts 0":     `light: --watts: expected a whole number of at least 1, found "0"`,
		"light --quiet=often": `light: --quiet: expected true or false, found "often"`,
		"completion":          "completion: expected one shell of bash, zsh, fish, powershell, found 0",
		"completion fihs":     `completion: expected bash, zsh, fish or powershell, found "fihs"; did you mean fish?`,
		"--dim":               "--dim: there is no such flag",
	} {
		_, err := newLamp().Run(strings.Fields(line))
		var misuse commandline.Misuse
		if !errors.As(err, &misuse) || err.Error() != want {
			t.Errorf("%q: expected %q, found %v", line, want, err)
		}
	}
}

// What a shell is told to complete.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"light --col":      "--colour\tof the light\n:4\n",
		"light --colour ":  "red\ngreen\n:4\n",
		"light --colour g": "green\n:4\n",
		"light --watts ":   ":4\n",
		"light ":           ":16\n", // folders
		"completion p":     "powershell\n:4\n",
		"li":               "light\tLights a room\n:4\n",
	} {
		l := newLamp()
		words := strings.Split("__complete "+line, " ")
		if _, err := l.Run(words); err != nil || l.out.String() != want {
			t.Errorf("%q: expected %q, found %q, %v", line, want, l.out.String(), err)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		l := newLamp()
		if _, err := l.Run([]string{"completion", shell}); err != nil || !strings.Contains(l.out.String(), "lamp") {
			t.Errorf("%s: found %v", shell, err)
		}
	}
}

func TestManual(t *testing.T) {
	dir := t.TempDir()
	if _, err := newLamp().Run([]string{"man", dir}); err != nil {
		t.Fatal(err)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("expected groff, which shows man pages, found none")
	}
	for page, parts := range map[string][]string{
		"lamp.1":       {"lamp - lamp lights a room.", "Exit code: 3 light.", "lamp-light(1), lamp-completion(1)"},
		"lamp-light.1": {"lamp-light - Lights a room", "lamp light ROOM [flags]", "--colour NAME", "POWER\n", "of the bulb", "E27  large"},
	} {
		out, err := exec.Command(groff, "-man", "-Tascii", "-ww", "-P-cbou", filepath.Join(dir, page)).CombinedOutput()
		for _, part := range parts {
			if err != nil || !strings.Contains(string(out), part) {
				t.Errorf("%s: expected %q, found %v and\n%s", page, part, err, out)
			}
		}
		if strings.Contains(string(out), "warning") {
			t.Errorf("%s: %s", page, out)
		}
	}
}
