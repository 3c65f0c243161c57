//go:build unix

package process_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// The test's own binary is the program of most tests: with this variable it is a server that does what the variable says.
const actAs = "TRIGGERFINDER_PROCESS_TEST"

func TestMain(m *testing.M) {
	if act := os.Getenv(actAs); act != "" {
		serve(act)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// server is a program, and the option that has it act in a way. What it notes down goes into the folder.
func server(t testing.TB, act string) ([]string, process.Option, string) {
	t.Helper()
	folder := t.TempDir()
	return []string{os.Args[0], folder}, process.Env(actAs + "=" + act), folder
}

// greeting is that of a model of pixels of 2x2, with three classes.
const greeting = `{"triggerfinder":1,"name":"corners","inputs":[{"name":"pixels","type":"uint8","shape":[-1,2,2,1]}],` +
	`"outputs":[{"name":"logits","type":"float32","shape":[-1,3]}],"scores":"logits","classes":["left","right","none"],"settings":{"runtime":"test 1.0"},"max_batch":8}`

// corners are the logits of the model.
func corners(pixels []byte) [3]float32 {
	left, right := int(pixels[0])+int(pixels[2]), int(pixels[1])+int(pixels[3])
	return [3]float32{float32(left-right) / 100, float32(right-left) / 100, -1}
}

func serve(act string) {
	act, argument, _ := strings.Cut(act, ":")
	folder := os.Args[1]
	note(folder, "pid", strconv.Itoa(os.Getpid()))
	starts := count(folder, "pid")
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	hello := greeting
	switch act {
	case "silent":
		time.Sleep(time.Hour)
	case "fails":
		fmt.Fprintln(os.Stderr, "no such model\ngiving up")
		os.Exit(4)
	case "greets":
		hello = argument
	case "chatty":
		hello = "Loading the model ...\n" + hello
	case "other":
		if starts > 1 {
			hello = strings.Replace(hello, "corners", "another", 1)
		}
	case "child":
		child := exec.Command("sleep", "1000")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			panic(err)
		}
		note(folder, "child", strconv.Itoa(child.Process.Pid))
	}
	fmt.Fprintln(out, hello)
	out.Flush()
	for asked := 1; ; asked++ {
		var q struct {
			ID     uint64
			Inputs []struct {
				Name, Type string
				Shape      []int
			}
		}
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			note(folder, "ended", "by itself")
			if act == "stays" || act == "child" {
				time.Sleep(time.Hour)
			}
			return
		}
		if err := json.Unmarshal(line, &q); err != nil {
			panic(err)
		}
		if len(q.Inputs) != 1 || q.Inputs[0].Name != "pixels" || q.Inputs[0].Type != "uint8" {
			panic(string(line))
		}
		rows := q.Inputs[0].Shape[0]
		pixels := make([]byte, rows*4)
		if _, err := io.ReadFull(in, pixels); err != nil {
			panic(err)
		}
		note(folder, "batches", strconv.Itoa(rows))
		head := fmt.Sprintf(`{"id":%d,"outputs":[{"name":"logits","type":"float32","shape":[%d,3]}]}`+"\n", q.ID, rows)
		var numbers []byte
		for i := range pixels {
			if act == "coarse" {
				pixels[i] &^= 31
			}
		}
		for i := range rows {
			for _, v := range corners(pixels[4*i:]) {
				numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(v))
			}
		}
		end := fmt.Sprintf(`{"end":%d}`+"\n", q.ID)
		late, _ := strconv.Atoi(argument) // how many batches go well
		all := count(folder, "batches")   // of all starts
		switch {
		case act == "crashes" && all > late, act == "crashes-once" && starts == 1 && asked > late:
			fmt.Fprintf(os.Stderr, "line 1\nout of memory in batch of %d\n", rows)
			os.Exit(3)
		case act == "half" && all > late:
			out.WriteString(head)
			out.Write(numbers[:len(numbers)/2])
			out.Flush()
			os.Exit(5)
		case act == "closes" && all > late:
			os.Stdout.Close()
			time.Sleep(time.Hour)
		case act == "slow" && asked > late:
			time.Sleep(time.Hour)
		case act == "prints" && asked > late:
			fmt.Fprintln(out, "debug: batch", rows)
		case act == "prints-inside" && asked > late:
			head += "debug"
		case act == "replies" && asked > 4:
			head = strings.ReplaceAll(argument, "ID", strconv.FormatUint(q.ID, 10)) + "\n"
		case act == "refuses" && asked > late:
			head, numbers, end = fmt.Sprintf(`{"id":%d,"error":"expected warm pixels"}`+"\n", q.ID), nil, ""
		}
		out.WriteString(head)
		out.Write(numbers)
		out.WriteString(end)
		out.Flush()
	}
}

// note adds a line to a file.
func note(folder, name, line string) {
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

// notes are the lines of such a file.
func notes(folder, name string) []string {
	text, _ := os.ReadFile(filepath.Join(folder, name))
	return strings.Fields(string(text))
}

func count(folder, name string) int { return len(notes(folder, name)) }
