package specs

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report"
)

// ArtifactsVariable is the environment variable that names the folder in which [ArtifactDir] makes one for
// each spec, such as one that a CI system keeps.
const ArtifactsVariable = "TRIGGERFINDER_ARTIFACTS"

// keptTriggers is how many triggers KeepingArtifacts saves of a search.
const keptTriggers = 20

var artifacts struct {
	sync.Mutex
	spec string // that asked last
	dir  string // for it
}

// ArtifactDir is a folder for what the running spec leaves behind: the same one for the whole spec, other than that of
// GinkgoT().ArtifactDir(), which makes another one whenever it is called. It lies in the folder that
// TRIGGERFINDER_ARTIFACTS names, or else where Ginkgo puts it.
func ArtifactDir() string {
	artifacts.Lock()
	defer artifacts.Unlock()
	current := ginkgo.CurrentSpecReport()
	// A cleanup, in which this may be called, cannot register another one: specs are told apart instead.
	spec := current.FullText() + current.LeafNodeLocation.String() + current.StartTime.String()
	if spec == artifacts.spec {
		return artifacts.dir
	}
	artifacts.spec = spec
	root := os.Getenv(ArtifactsVariable)
	if root == "" {
		artifacts.dir = ginkgo.GinkgoT().ArtifactDir()
	} else {
		artifacts.dir = filepath.Join(root, report.FolderName(current.FullText()))
		if err := os.MkdirAll(artifacts.dir, 0o777); err != nil {
			ginkgo.Fail(ArtifactsVariable + ": expected a folder that can be written: " + err.Error())
		}
	}
	return artifacts.dir
}

// KeepingArtifacts keeps the report, the pictures and up to 20 triggers of a search in [ArtifactDir] when the
// spec fails, and says in a report entry where. It does so beside what the matcher saves, and without -artifacts too. The folder is laid out as
// a [report.Store].
func KeepingArtifacts(matcher *matchers.HaveDeviationMatcher) *matchers.HaveDeviationMatcher {
	var latest *engine.Report
	ginkgo.DeferCleanup(func() {
		if latest == nil || !ginkgo.CurrentSpecReport().Failed() {
			return
		}
		dir := ArtifactDir()
		if err := report.KeepSearch(dir, latest, latest.Triggers(), report.ContextOf(latest), keptTriggers); err != nil {
			ginkgo.Fail("KeepingArtifacts: " + err.Error())
		}
		ginkgo.AddReportEntry("triggerfinder artifacts", dir)
	})
	return matcher.Inspecting(func(r *engine.Report) { latest = r })
}
