"""The server in the language of Amazon Bedrock AgentCore Memory, so that boto3 and what is built on it run on it."""
