// Judge says of objects of custom resources whether an API server would take them.
//
// It reads JSON from stdin, one value a line: {"definition": a CustomResourceDefinition, "object": an object}. For each
// it prints a line: {"accepted": true or false, "messages": what was wrong, "dropped": fields that are not kept}. It
// goes through the steps of a creation, in their order, with the API server's own packages: fields without a schema are
// dropped, defaults are filled in, then values, embedded objects, keyed lists and rules are looked at.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

type question struct {
	Definition json.RawMessage `json:"definition"`
	Object     json.RawMessage `json:"object"`
}

type answer struct {
	Accepted bool     `json:"accepted"`
	Messages []string `json:"messages"`
	Dropped  []string `json:"dropped"`
}

// checker is one version of a definition, ready for use.
type checker struct {
	structural *schema.Structural
	values     validation.SchemaValidator
	rules      *cel.Validator
}

func main() {
	checkers := map[string]*checker{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer, err := judge(lines.Bytes(), checkers)
		if err == nil {
			err = out.Encode(answer)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(line []byte, checkers map[string]*checker) (*answer, error) {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	// As the API server reads JSON: whole numbers are int64, others float64.
	object := map[string]any{}
	if err := utiljson.Unmarshal(asked.Object, &object); err != nil {
		return nil, err
	}
	apiVersion, _ := object["apiVersion"].(string)
	known := apiVersion + " " + string(asked.Definition)
	if checkers[known] == nil {
		made, err := newChecker(asked.Definition, apiVersion)
		if err != nil {
			return nil, err
		}
		checkers[known] = made
	}
	return checkers[known].check(object), nil
}

func newChecker(text []byte, apiVersion string) (*checker, error) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := json.Unmarshal(text, &definition); err != nil {
		return nil, err
	}
	for _, version := range definition.Spec.Versions {
		if definition.Spec.Group+"/"+version.Name != apiVersion {
			continue
		}
		var props apiextensions.JSONSchemaProps
		from := version.Schema.OpenAPIV3Schema
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(from, &props, nil); err != nil {
			return nil, err
		}
		structural, err := schema.NewStructural(&props)
		if err != nil {
			return nil, err
		}
		values, _, err := validation.NewSchemaValidator(&props)
		if err != nil {
			return nil, err
		}
		rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
		return &checker{structural, values, rules}, nil
	}
	return nil, fmt.Errorf("%s has no %s", definition.Name, apiVersion)
}

func (c *checker) check(object map[string]any) *answer {
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	dropped := pruning.PruneWithOptions(object, c.structural, true, options)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, c.structural)
	defaulting.Default(object, c.structural)

	errs := validation.ValidateCustomResource(nil, object, c.values)
	errs = append(errs, objectmeta.Validate(nil, object, c.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, c.structural, object)...)
	// Rules are not looked at where they could meet a value that they do not expect.
	if c.rules != nil && !blocks(errs) {
		broken, _ := c.rules.Validate(context.Background(), nil, c.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, broken...)
	}
	found := &answer{Accepted: len(errs) == 0, Messages: []string{}, Dropped: append([]string{}, dropped...)}
	for _, err := range errs {
		found.Messages = append(found.Messages, err.Error())
	}
	return found
}

func blocks(errs field.ErrorList) bool {
	for _, err := range errs {
		switch err.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany,
			field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}
