FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY --chown=node:node . .
USER node
ENV NODE_ENV=production
EXPOSE 4000
ENTRYPOINT ["node", "--import", "tsx", "indexer/cli/main.ts"]
CMD ["start", "--host", "0.0.0.0"]
