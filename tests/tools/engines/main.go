// Command engines does to directories what the GitOps engines do to them, for tests: it answers one request a line.
//
// A request is JSON such as {"do": "kustomize", "path": "/tmp/x/overlays/prod"}; the answer is {"objects": […]} or
// {"error": "…"}. Whatever is read as YAML is read by the reader of Kubernetes, sigs.k8s.io/yaml.
//
//   - kustomize: what `kustomize build PATH` prints, as Argo CD runs it: no plugins, no files from outside.
//   - flux: what kustomize-controller applies of PATH below ROOT: its generated kustomization.yaml, its build inside
//     ROOT without remote bases, and its substitution of variables in strict mode.
//   - read: the objects of the YAML stream TEXT.
//   - time: what `kustomize` would answer, COUNT times; the answer is {"seconds": […]}, the processor's time for each,
//     which other programs that run meanwhile hardly change.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	flux "github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

type request struct {
	Do    string `json:"do"`
	Root  string `json:"root"`
	Path  string `json:"path"`
	Text  string `json:"text"`
	Count int    `json:"count"`
}

type answer struct {
	Objects []json.RawMessage `json:"objects,omitempty"`
	Seconds []float64         `json:"seconds,omitempty"`
	Error   string            `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		var asked request
		if err == nil {
			err = json.Unmarshal(line, &asked)
		}
		var said answer
		if err == nil {
			said, err = do(asked)
		}
		if err != nil {
			said = answer{Error: err.Error()}
		}
		if err := out.Encode(said); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func do(asked request) (answer, error) {
	switch asked.Do {
	case "kustomize":
		return read(build(asked.Path))
	case "flux":
		return read(apply(asked.Root, asked.Path))
	case "read":
		return read([]byte(asked.Text), nil)
	case "time":
		return measure(asked.Path, asked.Count)
	}
	return answer{}, fmt.Errorf("unknown request %q", asked.Do)
}

func build(path string) ([]byte, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return nil, err
	}
	return built.AsYaml()
}

func measure(path string, count int) (answer, error) {
	// With more, the garbage collector uses every core that is idle, and the same work takes more or less time.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var said answer
	for range count {
		runtime.GC()
		start, err := used()
		if err != nil {
			return answer{}, err
		}
		if _, err := build(path); err != nil {
			return answer{}, err
		}
		end, err := used()
		if err != nil {
			return answer{}, err
		}
		said.Seconds = append(said.Seconds, (end - start).Seconds())
	}
	return said, nil
}

// used is the processor's time that this program has taken so far.
func used() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// apply follows kustomize-controller's `generate` and `build`. A variable is set, since without one it substitutes
// nothing; the other variables in the objects are unknown, which strict mode refuses.
func apply(root, path string) ([]byte, error) {
	kustomization := unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"postBuild": map[string]any{"substitute": map[string]any{"set_by_the_test": "x"}}},
	}}
	if _, err := flux.NewGenerator(root, kustomization).WriteFile(path); err != nil {
		return nil, err
	}
	built, err := flux.SecureBuild(root, path, false)
	if err != nil {
		return nil, err
	}
	if err := substitute(built, kustomization); err != nil {
		return nil, err
	}
	return built.AsYaml()
}

func substitute(built resmap.ResMap, kustomization unstructured.Unstructured) error {
	strict := []flux.SubstituteOption{flux.SubstituteWithDryRun(true), flux.SubstituteWithStrict(true)}
	for _, object := range built.Resources() {
		substituted, err := flux.SubstituteVariables(context.Background(), nil, kustomization, object, strict...)
		if err != nil {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
		if substituted == nil {
			continue
		}
		if _, err := built.Replace(substituted); err != nil {
			return err
		}
	}
	return nil
}

func read(stream []byte, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	said := answer{Objects: []json.RawMessage{}}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return said, nil
		}
		if err != nil {
			return answer{}, err
		}
		object, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return answer{}, fmt.Errorf("%w in %s", err, document)
		}
		if string(object) != "null" {
			said.Objects = append(said.Objects, object)
		}
	}
}
