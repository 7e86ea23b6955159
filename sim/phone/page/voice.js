// Recording a voice message from the microphone.

const kinds = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

export class Recorder {
  // start asks for the microphone and begins at once.
  static async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
    return new Recorder(stream);
  }

  constructor(stream) {
    this.stream = stream;
    this.parts = [];
    this.began = Date.now();
    this.media = new MediaRecorder(stream, { mimeType: kinds.find((k) => MediaRecorder.isTypeSupported(k)), audioBitsPerSecond: 24000 });
    this.media.ondataavailable = (e) => this.parts.push(e.data);
    this.media.start(1000);
  }

  time() {
    const s = Math.floor((Date.now() - this.began) / 1000);
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  }

  // stop ends the recording and gives its bytes.
  stop() {
    return new Promise((done) => {
      this.media.onstop = () => {
        for (const track of this.stream.getTracks()) track.stop();
        done(new Blob(this.parts, { type: this.media.mimeType }));
      };
      this.media.stop();
    });
  }
}
