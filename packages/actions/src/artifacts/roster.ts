/** Every store that rules may name. */

import type { ArtifactStore } from './artifact-store.ts';
import { awsS3Store } from './aws-s3.ts';
import { gcpGcsStore } from './gcp-gcs.ts';
import { localFile } from './local-file.ts';
import { minioS3Store } from './minio-s3.ts';

export const artifactStores: readonly ArtifactStore[] = [localFile, awsS3Store, minioS3Store, gcpGcsStore];
