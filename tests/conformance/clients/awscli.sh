#!/bin/sh
# Trains, waits, serves, invokes and cleans up with the aws command line.
set -eu
role=$1 bucket=$2
image=382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1
export AWS_PAGER=

aws sagemaker create-training-job --training-job-name cli --role-arn "$role" \
  --algorithm-specification TrainingImage=$image,TrainingInputMode=File \
  --input-data-config "ChannelName=train,DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://$bucket/train/train.recordio}}" \
  --output-data-config "S3OutputPath=s3://$bucket/cli" \
  --resource-config InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=5 \
  --stopping-condition MaxRuntimeInSeconds=600 \
  --hyper-parameters feature_dim=40,num_factors=2,predictor_type=binary_classifier,mini_batch_size=100
aws sagemaker wait training-job-completed-or-stopped --training-job-name cli
artifact=$(aws sagemaker describe-training-job --training-job-name cli \
  --query ModelArtifacts.S3ModelArtifacts --output text)
test "$artifact" = "s3://$bucket/cli/cli/output/model.tar.gz"
test "$(aws sagemaker list-training-jobs --name-contains cli --status-equals Completed \
  --query 'length(TrainingJobSummaries)')" = 1

aws sagemaker create-model --model-name cli --execution-role-arn "$role" \
  --primary-container "Image=$image,ModelDataUrl=$artifact"
aws sagemaker create-endpoint-config --endpoint-config-name cli \
  --production-variants VariantName=A,ModelName=cli,InstanceType=ml.m5.large,InitialInstanceCount=1
aws sagemaker create-endpoint --endpoint-name cli --endpoint-config-name cli
aws sagemaker wait endpoint-in-service --endpoint-name cli
answer=$(mktemp)
printf '{"instances":[{"data":{"features":{"keys":[1,30],"shape":[40],"values":[1,1]}}}]}' |
  aws sagemaker-runtime invoke-endpoint --endpoint-name cli --content-type application/json \
    --body fileb:///dev/stdin "$answer"
grep -q '"score"' "$answer"
rm "$answer"

aws sagemaker delete-endpoint --endpoint-name cli
aws sagemaker wait endpoint-deleted --endpoint-name cli
aws sagemaker delete-endpoint-config --endpoint-config-name cli
aws sagemaker delete-model --model-name cli
