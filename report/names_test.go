package report_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/report"
)

func TestFolderName(t *testing.T) {
	for _, test := range []struct{ reason, pair, want string }{
		{"a plain name stays", "lenet5-int8", "lenet5-int8"},
		{"dots in the middle are fine", "resnet20.onnx-vs-q.onnx", "resnet20.onnx-vs-q.onnx"},
		{"some systems do not tell upper from lower case", "LeNet5", "lenet5-d83b0511"},
		{"a slash would be a folder", "models/a vs b", "models-a-vs-b-4b3931b1"},
		{"a backslash would be one on Windows", `models\a`, "models-a-6ed4cfd0"},
		{"out of the store", "../../etc", "etc-74ccf3c5"},
		{"reserved on Windows", "con", "con-1143da2b"},
		{"reserved on Windows with any extension", "nul.onnx", "nul-onnx-015595cc"},
		{"Windows drops a dot at the end", "a.", "a-5ab640fa"},
		{"hidden, and like something incomplete", ".tmp-a", "tmp-a-038c385f"},
		{"other scripts", "модель", "pair-b68fadf0"},
		{"no name", "", "pair-e3b0c442"},
		{"looks as if it ended in a hash", "lenet5-8aa573ba", "lenet5-8aa573ba-b9f66a16"},
		{"too long for some systems", strings.Repeat("long-", 60), "long-long-long-long-long-long-long-long-long-lon-918f05d4"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			if got := report.FolderName(test.pair); got != test.want {
				t.Errorf("FolderName(%q) = %q; expected %q", test.pair, got, test.want)
			}
		})
	}
}

var portable = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]{0,78}[a-z0-9_-])?$`)
var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$`)

func TestFolderNamesArePortableAndDistinct(t *testing.T) {
	pairName := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[a-cA-C./ -]{0,4}`),
		rapid.StringMatching(`(con|nul|COM1|lpt9)(\.[a-z]{0,2})?`),
		rapid.StringMatching(`[ab]-[0-9a-f]{8}`),
		rapid.StringMatching(`[a-z-]{40,90}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		a := pairName.Draw(t, "a")
		b := rapid.OneOf(pairName, rapid.Just(strings.ToUpper(a)), rapid.Just(report.FolderName(a))).Draw(t, "b")
		folderA, folderB := report.FolderName(a), report.FolderName(b)
		if !portable.MatchString(folderA) || device.MatchString(folderA) {
			t.Errorf("FolderName(%q) = %q is not a name on all systems", a, folderA)
		}
		// A plain name is its own folder, and so is then the folder's name.
		if a != b && folderA == folderB {
			t.Errorf("%q and %q have the same folder %q", a, b, folderA)
		}
	})
}
