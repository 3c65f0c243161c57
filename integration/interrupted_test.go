package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// A plain test whose process is interrupted keeps what it found, and says that it is partial and where it is.
func TestInterruptedPlainTestKeepsWhatItFound(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal for one process")
	}
	t.Parallel()
	f, g := copyFixture(t, "plain"), NewWithT(t)
	var output bytes.Buffer
	c := f.command(f.compiled()("-test.run=^TestInterrupted$")...)
	c.Stdout, c.Stderr = &output, &output
	g.Expect(c.Start()).To(Succeed())
	saved := func() []string {
		found, err := filepath.Glob(f.path("testdata", "triggers", "*", "*", "trigger.json"))
		g.Expect(err).NotTo(HaveOccurred())
		return found
	}
	g.Eventually(saved).WithTimeout(time.Minute).WithPolling(10 * time.Millisecond).ShouldNot(BeEmpty())
	g.Expect(c.Process.Signal(os.Interrupt)).To(Succeed())
	r := f.result("", c.Wait())
	g.Expect(r.exit).To(Equal(1), output.String())
	g.Expect(output.String()).To(And(
		ContainSubstring("not to have a deviation, but "), ContainSubstring("The search is partial: it was cancelled."),
		MatchRegexp(`\d+ triggers? saved in testdata/triggers/lenet5-int8`), ContainSubstring("search-report.json"), ContainSubstring("--- FAIL: TestInterrupted"),
	))
	triggers, reports := f.expectWhole()
	g.Expect(triggers).To(BeNumerically(">", 0))
	g.Expect(reports).To(Equal(1))
}
