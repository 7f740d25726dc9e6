#!/bin/sh
# generate.sh TOOLS CONTRACT FOLDER GENERATOR: makes a client from the contract with a tool of a virtual environment.
set -eu
PATH="$1/bin:$PATH"
case $4 in
openapi-generator-python) openapi-generator-cli generate -i "$2" -g python -o "$3" --additional-properties=packageName=generated ;;
openapi-generator-java) openapi-generator-cli generate -i "$2" -g java --library native -o "$3" --additional-properties=openApiNullable=false ;;
openapi-python-client) openapi-python-client generate --path "$2" --meta none --output-path "$3/generated" --overwrite ;;
datamodel-code-generator)
    mkdir -p "$3"
    datamodel-codegen --input "$2" --input-file-type openapi --output-model-type pydantic_v2.BaseModel --output "$3/generated.py" --formatters builtin
    ;;
esac
