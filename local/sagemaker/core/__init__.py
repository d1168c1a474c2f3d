"""What every operation uses: protocol, regions, IAM, tags, pages, S3, containers."""
