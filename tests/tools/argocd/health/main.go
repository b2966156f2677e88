// Argo CD's own judgement of objects: reads a list of {script, object} as JSON, runs each script as Argo CD runs the
// health scripts of its argocd-cm, and prints the list of what they say.
package main

import (
	"encoding/json"
	"os"

	"github.com/argoproj/argo-cd/v3/util/lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type question struct {
	Script string         `json:"script"`
	Object map[string]any `json:"object"`
}

type answer struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Error   string `json:"error"`
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]answer, 0, len(questions))
	for _, question := range questions {
		object := unstructured.Unstructured{Object: question.Object}
		// Scripts of argocd-cm run without Lua's libraries.
		health, err := lua.VM{}.ExecuteHealthLua(&object, question.Script)
		if err != nil {
			answers = append(answers, answer{Error: err.Error()})
			continue
		}
		answers = append(answers, answer{Status: string(health.Status), Message: health.Message})
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
