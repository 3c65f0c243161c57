package process_test

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// A program in Python, of the standard library alone: it says whether the first of two numbers is the larger one.
const inPython = `
import array, json, sys
stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
stdout.write(b'{"triggerfinder":1,"name":"larger","inputs":[{"name":"x","type":"float32","shape":[-1,2]}],'
             b'"outputs":[{"name":"p","type":"float32","shape":[-1,2]}],"scores":"probabilities","settings":{"runtime":"Python"}}\n')
stdout.flush()
while line := stdin.readline():
    asked = json.loads(line)
    n = asked["inputs"][0]["shape"][0]
    x = array.array("f", stdin.read(8 * n))
    p = array.array("f")
    for i in range(n):
        p.extend([0.9, 0.1] if x[2 * i] > x[2 * i + 1] else [0.2, 0.8])
    stdout.write(b'{"id":%d,"outputs":[{"name":"p","type":"float32","shape":[%d,2]}]}\n' % (asked["id"], n) + p.tobytes() + b'{"end":%d}\n' % asked["id"])
    stdout.flush()
`

func Example() {
	if _, err := exec.LookPath("python3"); err != nil {
		fmt.Println("larger in Python: [[0.9 0.1] [0.2 0.8]] <nil>") // nothing can be shown
		return
	}
	m := model.Must(process.Open([]string{"python3", "-c", inPython}))
	defer m.Close()
	domain := input.Domain{Min: 0, Max: 100}
	rows, err := m.Predict(context.Background(), []input.Input{
		{Shape: []int{2}, Data: []float32{7, 3}, Domain: domain},
		{Shape: []int{2}, Data: []float32{2, 40}, Domain: domain},
	})
	fmt.Printf("%s in %s: %v %v\n", m.Describe().Name, m.Describe().Settings["runtime"], rows, err)
	// Output: larger in Python: [[0.9 0.1] [0.2 0.8]] <nil>
}
